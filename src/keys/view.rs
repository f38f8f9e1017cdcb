//! `/keys`, and the pages below it.

mod actions;
mod create;
mod key_page;
mod refused;
mod secret;

use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, location::Url, params::ParamsMap};

use super::{
    api::{CreateKey, ListKeys},
    model::{Choices, Environment, Key, KeyList, KeyState, Related, STATE_FILTERS},
};
use crate::{page::PageNumber, secret::cut, ui::*};

use create::CreateForm;
use secret::{HandedOver, NewSecret};

pub use create::CreateKeyTask;
pub use key_page::KeyPage;

/// The page of API keys. An address with a whole key leads to the one with the key's beginning: a form without JavaScript puts
/// there whatever was typed.
#[component]
pub fn KeysPage() -> impl IntoView {
    match use_query_map().with_untracked(without_secret) {
        Some(address) => {
            go(&address);
            ().into_any()
        }
        None => view! { <AllKeys /> }.into_any(),
    }
}

/// The address of the list without what is secret in the key that is searched for; `None` if there is nothing secret.
fn without_secret(query: &ParamsMap) -> Option<String> {
    let search = query.get_str("search")?;
    let shown = cut(search);
    let mut query = (shown != search).then(|| query.clone())?;
    query.replace("search", Url::escape(&shown));
    Some(format!("/keys{}", query.to_query_string()))
}

#[component]
fn AllKeys() -> impl IntoView {
    let create = FormAction::<CreateKey>::new();
    let query = use_query_map();
    let text = move |name: &'static str| Memo::new(move |_| query.with(|query| query.get(name).unwrap_or_default()));
    let (state, environment, search) = (text("state"), text("environment"), text("search"));
    let page = Memo::new(move |_| query.with(|query| PageNumber::parse(query.get_str("page"))));
    // The list is read again when a key was made, and not when a form came back with an error: its dialog stands in the list.
    let made = RwSignal::new(0_usize);
    FormState::of(create).announce(Done::KeyCreated).on_success(move || made.update(|made| *made += 1));
    let keys = Fetch::again(
        move || made.get(),
        move || ListKeys { state: state.get(), environment: environment.get(), search: search.get(), page: Some(page.get().get()) },
    );
    // What can be chosen for a key comes with the list.
    let creation = move || {
        Suspend::new(async move {
            let list = keys.ready().await.ok().filter(|list| list.manages);
            list.map(|list| view! { <Creation create choices=list.choices /> }).into_any()
        })
    };
    view! {
        <PageTitle text="API keys" />
        <NewSecret answer=create.value() pending=create.pending() />
        <PageHeader title="API keys" text="Your programs sign in to the API with a key. Give each program its own, so that you can replace one without touching the others.">
            <Transition fallback=|| ()>{creation}</Transition>
        </PageHeader>
        <Load resource=keys headed=true view=move |list: KeyList| {
            let values = [state.get_untracked(), environment.get_untracked(), search.get_untracked()];
            view! { <Keys list values /> }.into_any()
        } />
    }
}

#[component]
fn Creation(create: FormAction<CreateKey>, choices: Choices) -> impl IntoView {
    let query = use_query_map();
    let asked_for = Signal::derive(move || query.with(|query| query.get_str("open") == Some("create")));
    let form = FormState::of(create);
    view! {
        <Dialog label="Create key" title="Create an API key" kind=ButtonKind::Primary icon=Icon::Plus asked_for form>
            <CreateForm action=create choices>
                <DialogCancel />
            </CreateForm>
        </Dialog>
    }
}

#[component]
fn Keys(list: KeyList, values: [String; 3]) -> impl IntoView {
    let KeyList { keys, narrowed, others, manages, created, .. } = list;
    let clear = narrowed && !keys.rows.is_empty();
    let filters = (narrowed || !keys.rows.is_empty()).then(|| view! { <Filters values clear /> });
    let body = if keys.rows.is_empty() {
        view! { <NoKeys narrowed others manages /> }.into_any()
    } else {
        let heads = ["Name", "Key", "Last used", "Calls in 24 hours", "State", "Created"].map(Head::text).to_vec();
        let rows = keys.rows.into_iter().map(|key| view! { <KeyLine key /> }).collect_view();
        view! {
            <Card title="Keys" flush=true>
                <Table caption="API keys" heads>
                    {rows}
                </Table>
                <Pager number=keys.number per_page=keys.per_page total=keys.total />
            </Card>
        }
        .into_any()
    };
    view! {
        <div class="stack">
            {created.map(|created| view! { <HandedOver created page="/keys" /> })}
            {filters}
            {body}
        </div>
    }
}

/// What narrows the list.
#[component]
fn Filters(values: [String; 3], clear: bool) -> impl IntoView {
    let [state, environment, search] = values;
    let states = STATE_FILTERS.map(|(word, label)| (word.to_owned(), label.to_owned())).to_vec();
    let mut environments = vec![(String::new(), "Live and test".to_owned())];
    environments.extend(Environment::ALL.map(|environment| (environment.as_str().to_owned(), environment.label().to_owned())));
    view! {
        <FilterForm path="/keys" fields=&["search", "state", "environment"]>
            <div class="key-filters">
                <SearchField name="search" label="Search keys" value=search placeholder="Name, beginning or end of a key" />
                <SelectField name="state" label="State" value=state options=states />
                <SelectField name="environment" label="Environment" value=environment options=environments />
                <FilterActions path="/keys" clear />
            </div>
        </FilterForm>
    }
}

#[component]
fn NoKeys(narrowed: bool, others: bool, manages: bool) -> impl IntoView {
    if narrowed {
        return view! {
            <EmptyState title="No such key" text="No key matches. Ended keys are listed under “All keys”." icon=Icon::Search>
                <ButtonLink href="/keys" label="Clear filters" />
            </EmptyState>
        }
        .into_any();
    }
    let how = match (manages, others) {
        (true, false) => " Create the first one above; it takes ten seconds.",
        (true, true) => " Create another one above.",
        (false, _) => " You can see keys here, but not create them.",
    };
    let text = format!("A key lets a program use the API in your company’s name.{how}");
    if others {
        view! {
            <EmptyState title="No key is in use" text icon=Icon::Key>
                <ButtonLink href="/keys?state=all" label="Show ended keys" kind=ButtonKind::Quiet />
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState title="No API key yet" text icon=Icon::Key /> }.into_any()
    }
}

#[component]
fn KeyLine(key: Key) -> impl IntoView {
    let refused = (!key.refused.is_empty()).then(|| view! { " " <Badge text=key.refused.clone() tone=Tone::Warn /> });
    let test = (key.environment == Environment::Test).then(|| view! { " " <Badge text="Test" tone=Tone::Info /> });
    let (name, last, state) = (key.name.clone(), key.clone(), key.clone());
    view! {
        <tr>
            <th scope="row" data-label="Name">
                <a class="link" href=format!("/keys/{}", key.id)>{name}</a>
                {test}
                <Relation words="Replaces " related=key.predecessor.clone() />
                <Relation words="Replaced by " related=key.successor.clone() />
            </th>
            <td data-label="Key"><code class="code key-masked">{key.masked.clone()}</code></td>
            <td data-label="Last used"><LastUse key=last /></td>
            <td data-label="Calls in 24 hours">
                <div class="key-calls">
                    <Sparkline label=format!("{} in 24 hours", key.calls) values=key.hours.clone() />
                    <span class="muted">{key.calls.clone()}{refused}</span>
                </div>
            </td>
            <td data-label="State"><State key=state /></td>
            <td data-label="Created"><Time when=key.created />" by "{key.created_by}</td>
        </tr>
    }
}

/// The key before or after one that was rotated.
#[component]
fn Relation(words: &'static str, related: Option<Related>) -> impl IntoView {
    related.map(|related| view! { <div class="key-relation muted">{words}<RelatedKey related /></div> })
}

/// A link to another key.
#[component]
fn RelatedKey(related: Related) -> impl IntoView {
    view! { <a href=format!("/keys/{}", related.id)><code class="code">{related.masked}</code></a> }
}

/// When and from where a key was last used.
#[component]
fn LastUse(key: Key) -> impl IntoView {
    match key.last_used {
        Some(when) => {
            let from = (!key.last_ip.is_empty()).then(|| view! { <span class="muted">" from "{key.last_ip}</span> });
            view! { <Time when />{from} }.into_any()
        }
        None => view! { <span class="muted">"Never"</span> }.into_any(),
    }
}

/// Where a key stands, and until when.
#[component]
fn State(key: Key) -> impl IntoView {
    let (text, tone) = match key.state {
        KeyState::Active => ("Active", Tone::Good),
        KeyState::Ending => ("Ending", Tone::Warn),
        KeyState::Disabled => ("Disabled", Tone::Neutral),
        KeyState::Expired => ("Expired", Tone::Neutral),
        KeyState::Revoked => ("Revoked", Tone::Bad),
    };
    // A disabled key's end is not what matters about it.
    let ends = key.ends.filter(|_| key.state != KeyState::Disabled);
    let when =
        ends.map(|when| view! { <span class="muted">{if key.state == KeyState::Active { " ends " } else { " " }}<Time when /></span> });
    view! { <Badge text tone />{when} }
}
