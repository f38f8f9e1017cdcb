//! `/keys`

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::{CreateKey, ListKeys, RevokeKey, RotateKey},
    model::{CreatedKey, Key, KeyList, KeyState, Overlap},
};
use crate::{access::Permission, page::PageNumber, portal_sessions::model::DONE_PAGE, ui::*};

/// The forms of the page; one of each, so that the list knows when to refresh.
#[derive(Clone, Copy)]
struct Actions {
    create: FormAction<CreateKey>,
    rotate: FormAction<RotateKey>,
    revoke: FormAction<RevokeKey>,
}

/// The page of API keys.
#[component]
pub fn KeysPage() -> impl IntoView {
    let actions = Actions { create: FormAction::new(), rotate: FormAction::new(), revoke: FormAction::new() };
    let query = use_query_map();
    let asked_for = Signal::derive(move || query.with(|query| query.get_str("open") == Some("create")));
    let inactive = Memo::new(move |_| query.with(|query| query.get_str("state") == Some("inactive")));
    let page = Memo::new(move |_| query.with(|query| PageNumber::parse(query.get_str("page"))));
    let keys = Fetch::again(
        move || actions.create.version().get() + actions.rotate.version().get() + actions.revoke.version().get(),
        move || ListKeys { inactive: inactive.get(), page: Some(page.get().get()) },
    );
    let form = FormState::of(actions.create).announce(Done::KeyCreated);
    FormState::of(actions.rotate).announce(Done::KeyRotated);
    FormState::of(actions.revoke).announce(Done::KeyRevoked);
    view! {
        <PageTitle text="API keys" />
        <PageHeader title="API keys" text="Your programs sign in to the API with a key. Give each program its own, so that you can replace one without touching the others.">
            <Allowed permission=Permission::ManageKeys>
                <Dialog label="Create key" title="Create an API key" kind=ButtonKind::Primary icon=Icon::Plus asked_for form>
                    <CreateForm action=actions.create>
                        <DialogCancel />
                    </CreateForm>
                </Dialog>
            </Allowed>
        </PageHeader>
        <div class="stack">
            <FormError form=FormState::of(actions.rotate) />
            <FormError form=FormState::of(actions.revoke) />
            <NewSecret action=actions.create />
            <NewRotated action=actions.rotate />
            <nav class="tabs" aria-label="Filter">
                <a href="/keys" aria-current=move || (!inactive.get()).then_some("page")>"Working"</a>
                <a href="/keys?state=inactive" aria-current=move || inactive.get().then_some("page")>"Ended"</a>
            </nav>
            <Load resource=keys headed=true view=move |list: KeyList| view! { <Keys list actions /> }.into_any() />
        </div>
    }
}

/// The form for a new key; the children stand beside its button.
#[component]
fn CreateForm(action: FormAction<CreateKey>, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let form = FormState::of(action);
    view! {
        <PostForm action>
            <div class="form">
                <FormError form />
                <TextField form name="form[name]" label="Name" hint="What will use it, for example “Production server”." required=true maxlength=80 autocomplete="off" />
                <div class="form-actions">
                    {children.map(|children| children())}
                    <SubmitButton form label="Create key" pending_label="Creating…" />
                </div>
            </div>
        </PostForm>
    }
}

/// `/flow/create_key`: nothing but a new key, for a session that the SaaS opened for it.
#[component]
pub fn CreateKeyTask() -> impl IntoView {
    let create = FormAction::<CreateKey>::new();
    let keys = Fetch::new(|| ListKeys { inactive: false, page: None });
    view! {
        <PageTitle text="Create an API key" />
        <PageHeader title="Create an API key" text="Your program signs in to the API with it." />
        <Load resource=keys headed=true view=move |list: KeyList| {
            // Posted without JavaScript, the key comes with the page; otherwise with the answer to the form.
            let handed_over = StoredValue::new(list.created);
            let created = move || create.value().get().and_then(Result::ok).or_else(|| handed_over.get_value());
            view! {
                <div aria-live="polite">
                    {move || match created() {
                        Some(created) => view! {
                            <div class="stack">
                                <ShowSecret created />
                                <p><ButtonLink href=DONE_PAGE label="I have copied the key" kind=ButtonKind::Primary external=true /></p>
                            </div>
                        }.into_any(),
                        None => view! { <Card title="New key"><CreateForm action=create /></Card> }.into_any(),
                    }}
                </div>
            }
            .into_any()
        } />
    }
}

/// The secret of a key that was just created, until the page is left.
#[component]
fn NewSecret(action: FormAction<CreateKey>) -> impl IntoView {
    let created = move || action.value().get().and_then(Result::ok);
    view! { <div aria-live="polite">{move || created().map(|created| view! { <ShowSecret created /> })}</div> }
}

/// The secret of a successor.
#[component]
fn NewRotated(action: FormAction<RotateKey>) -> impl IntoView {
    let created = move || action.value().get().and_then(Result::ok);
    view! { <div aria-live="polite">{move || created().map(|created| view! { <ShowSecret created /> })}</div> }
}

#[component]
fn ShowSecret(created: CreatedKey) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn title=format!("Copy the key “{}” now", created.name)>
            <p>"It is shown this once and cannot be shown again. Keep it where your program reads its secrets, never in source code."</p>
            <CopyField label="API key" value=created.secret />
        </Notice>
    }
}

#[component]
fn Keys(list: KeyList, actions: Actions) -> impl IntoView {
    let KeyList { keys, inactive, manages, created } = list;
    let created = created.map(|created| view! { <ShowSecret created /> });
    if keys.rows.is_empty() {
        return view! { {created} <NoKeys inactive /> }.into_any();
    }
    let rows = keys.rows.into_iter().map(|key| view! { <KeyLine key actions manages /> }).collect_view();
    let heads =
        vec![Head::text("Name"), Head::text("Key"), Head::text("Created"), Head::text("Last used"), Head::text("State"), Head::actions()];
    view! {
        {created}
        <Card title=if inactive { "Keys that no longer work" } else { "Keys that work" } flush=true>
            <Table caption="API keys" heads>
                {rows}
            </Table>
            <Pager number=keys.number per_page=keys.per_page total=keys.total />
        </Card>
    }
    .into_any()
}

#[component]
fn NoKeys(inactive: bool) -> impl IntoView {
    if inactive {
        view! { <EmptyState title="No key has ended" text="Keys that were revoked, or replaced by a rotation, are listed here." icon=Icon::Key /> }.into_any()
    } else {
        view! { <EmptyState title="No API key yet" text="A key lets a program use the API in your company’s name. Create the first one above; it takes ten seconds." icon=Icon::Key /> }
            .into_any()
    }
}

#[component]
fn KeyLine(key: Key, actions: Actions, manages: bool) -> impl IntoView {
    let last_used = match key.last_used.clone() {
        Some(when) => view! { <Time when /> }.into_any(),
        None => view! { <span class="muted">"Never"</span> }.into_any(),
    };
    let masked = format!("sk_live_{}…", key.prefix);
    view! {
        <tr>
            <th scope="row" data-label="Name">{key.name.clone()}</th>
            <td data-label="Key"><code class="code">{masked}</code></td>
            <td data-label="Created"><Time when=key.created.clone() />" by "{key.created_by.clone()}</td>
            <td data-label="Last used">{last_used}</td>
            <td data-label="State"><State key=key.clone() /></td>
            <td class="actions">
                {manages.then(|| view! { <KeyActions key actions /> })}
            </td>
        </tr>
    }
}

#[component]
fn State(key: Key) -> impl IntoView {
    let (text, tone) = match key.state {
        KeyState::Active => ("Active", Tone::Good),
        KeyState::Ending => ("Ends", Tone::Warn),
        KeyState::Disabled => ("Disabled", Tone::Neutral),
        KeyState::Expired => ("Ended", Tone::Neutral),
        KeyState::Revoked => ("Revoked", Tone::Bad),
    };
    let when = key.ends.map(|when| view! { " " <Time when /> });
    view! { <Badge text tone />{when} }
}

#[component]
fn KeyActions(key: Key, actions: Actions) -> impl IntoView {
    let may_rotate = key.state == KeyState::Active;
    let may_revoke = key.state.is_accepted();
    let (id, name) = (key.id.to_string(), key.name);
    let rotate = may_rotate.then(|| view! { <RotateDialog id=id.clone() name=name.clone() action=actions.rotate /> });
    let revoke = may_revoke.then(|| {
        view! {
            <ConfirmForm
                action=actions.revoke
                label="Revoke"
                title=format!("Revoke “{name}”?")
                text="Every program that uses this key is refused at once. This cannot be undone."
                confirm="Revoke key"
                pending_label="Revoking…"
                small=true
            >
                <input type="hidden" name="id" value=id />
            </ConfirmForm>
        }
    });
    view! { {rotate} {revoke} }
}

#[component]
fn RotateDialog(id: String, name: String, action: FormAction<RotateKey>) -> impl IntoView {
    let form = FormState::of(action);
    let options = Overlap::ALL.into_iter().map(|overlap| (overlap.as_str().to_owned(), overlap.label().to_owned())).collect::<Vec<_>>();
    view! {
        <Dialog
            label="Rotate"
            title=format!("Rotate “{name}”")
            text="You get a new key of the same name. The old one goes on for as long as you choose, so that you can replace it without an outage."
            kind=ButtonKind::Quiet
            small=true
            close_with=form
        >
            <PostForm action=action>
                <div class="form">
                    <FormError form />
                    <input type="hidden" name="form[id]" value=id.clone() />
                    <SelectField form name="form[overlap]" id=format!("overlap-{id}") label="The old key goes on" value="24h" options />
                    <div class="form-actions">
                        <DialogCancel />
                        <SubmitButton form label="Rotate key" pending_label="Rotating…" />
                    </div>
                </div>
            </PostForm>
        </Dialog>
    }
}
