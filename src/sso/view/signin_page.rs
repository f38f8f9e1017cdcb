//! `/signin/sso`

use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, location::Url};

use crate::{
    signin::model::CustomerChoice,
    sso::{
        api::signin::{FindBeforeStart, StartSso},
        model::{BeforeStart, Failure},
    },
    ui::*,
};

/// `/signin/sso`: asks for the address and leads to the provider; `?failed=…` says why somebody came back without.
#[component]
pub fn SignInBySsoPage() -> impl IntoView {
    let start = FormAction::<StartSso>::new();
    let query = use_query_map();
    let next = query.with_untracked(|query| query.get("next").unwrap_or_default());
    let failed = query.with_untracked(|query| query.get_str("failed").and_then(Failure::parse));
    let before = Fetch::new(|| FindBeforeStart {});
    let other_way = format!("/signin?next={}", Url::escape(&next));
    view! {
        <PageTitle text="Single sign-on" />
        <NarrowLayout>
            <h1>"Single sign-on"</h1>
            {failed.map(|failure| view! { <div role="alert"><Notice tone=Tone::Bad title="You are not signed in"><p>{failure.sentence()}</p></Notice></div> })}
            <Load resource=before headed=true view=move |before: BeforeStart| view! { <Start before next=next.clone() start /> }.into_any() />
            <p><a href=other_way>"Sign in another way"</a></p>
        </NarrowLayout>
    }
}

#[component]
fn Start(before: BeforeStart, next: String, start: FormAction<StartSso>) -> impl IntoView {
    let BeforeStart { email, closed, others } = before;
    let text = match closed {
        Some(customer) => format!("{customer} lets people in by its single sign-on only. Go on at its provider; you come back here."),
        None => "Enter your work address. If your company has set it up, you go on at its own sign-in page and come back here.".to_owned(),
    };
    view! {
        <p class="muted">{text}</p>
        <StartForm start email next keep=true />
        {others.into_iter().map(|customer| view! { <OtherCompany customer /> }).collect_view()}
    }
}

/// The form that leads to the provider of an address's company.
#[component]
pub fn StartForm(
    /// What it sends.
    start: FormAction<StartSso>,
    /// The address, if it is known.
    email: String,
    /// Where to go afterwards.
    next: String,
    /// Whether it asks how long to stay signed in.
    #[prop(optional)]
    keep: bool,
    /// Whether the provider is to ask who it is, even if it knows.
    #[prop(optional)]
    fresh: bool,
) -> impl IntoView {
    let form = FormState::of(start);
    let address = if fresh {
        view! { <input type="hidden" name="form[email]" value=email /> <input type="hidden" name="form[fresh]" value="true" /> }.into_any()
    } else {
        view! { <TextField form name="form[email]" label="E-mail address" kind="email" value=email required=true autocomplete="username" maxlength=254 autofocus=true /> }
            .into_any()
    };
    view! {
        <PostForm action=start>
            <div class="form">
                <FormError form />
                <input type="hidden" name="form[next]" value=next />
                {address}
                {keep.then(|| view! { <CheckField name="form[keep]" label="Keep me signed in" hint="For 30 days in this browser. Not on a computer that you share." /> })}
                <SubmitButton form label="Continue to your provider" pending_label="Going there…" />
            </div>
        </PostForm>
    }
}

#[component]
fn OtherCompany(customer: CustomerChoice) -> impl IntoView {
    view! {
        <form method="post" action="/api/signin/switch">
            <input type="hidden" name="customer_id" value=customer.id.to_string() />
            <button type="submit" class=ButtonKind::Secondary.class(false, false)>{format!("Go to {}", customer.name)}</button>
        </form>
    }
}
