//! The page that asks for the password once more.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    passkeys::view::ConfirmButton,
    signin::{
        api::confirm::{Confirm, FindWhoConfirms},
        model::WhoConfirms,
    },
    sso::{api::signin::StartSso, view::StartForm},
    ui::*,
};

/// `/signin/confirm`
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let confirm = FormAction::<Confirm>::new();
    let start = FormAction::<StartSso>::new();
    let query = use_query_map();
    let next = query.with_untracked(|query| query.get("next").unwrap_or_default());
    let confirmed = query.with_untracked(|query| query.get_str("done") == Some("confirmed"));
    let came_from = next.clone();
    let who = Fetch::new(move || FindWhoConfirms { next: came_from.clone() });
    view! {
        <PageTitle text="Confirm that it is you" />
        <NarrowLayout>
            <h1>"Confirm that it is you"</h1>
            {if confirmed {
                view! { <Confirmed /> }.into_any()
            } else {
                view! {
                    <Load resource=who headed=true view=move |who: WhoConfirms| confirmation(who, next.clone(), confirm, start) />
                }
                .into_any()
            }}
        </NarrowLayout>
    }
}

fn confirmation(who: WhoConfirms, next: String, confirm: FormAction<Confirm>, start: FormAction<StartSso>) -> AnyView {
    let back = who.back.clone();
    let proof = if who.by_sso {
        view! { <AskProvider who next start /> }.into_any()
    } else {
        view! { <AskPassword who next confirm /> }.into_any()
    };
    view! {
        {proof}
        <p><a href=back rel="external">"Cancel"</a></p>
    }
    .into_any()
}

/// Whoever came by the single sign-on of their company confirms there: the portal may know no password of theirs.
#[component]
fn AskProvider(who: WhoConfirms, next: String, start: FormAction<StartSso>) -> impl IntoView {
    let next = if next.is_empty() { "/signin/confirm?done=confirmed".to_owned() } else { next };
    view! {
        <p>{format!("You are signed in as {} ({}) by the single sign-on of your company. This needs a sign-in of the last five minutes at its provider, because nobody else should do what you are about to do.", who.name, who.email)}</p>
        <Notice tone=Tone::Info><p>"Nothing was changed yet. The provider asks you to sign in again; then you come back, and please fill in the form again."</p></Notice>
        <StartForm start email=who.email next fresh=true />
    }
}

#[component]
fn AskPassword(who: WhoConfirms, next: String, confirm: FormAction<Confirm>) -> impl IntoView {
    let form = FormState::of(confirm);
    let came_from_form = !next.is_empty();
    let by_code = format!("/signin/code?next={}", leptos_router::location::Url::escape(&next));
    let anew = format!("/signin?next={}", leptos_router::location::Url::escape(&next));
    let email = who.email.clone();
    let kind = if who.has_passkey { ButtonKind::Secondary } else { ButtonKind::Primary };
    view! {
        <p>{format!("You are signed in as {} ({}). This needs a sign-in of the last five minutes, because nobody else should do what you are about to do.", who.name, who.email)}</p>
        {came_from_form.then(|| view! {
            <Notice tone=Tone::Info><p>"Nothing was changed yet. You come back to the page that you were on; please fill in its form again."</p></Notice>
        })}
        {who.has_passkey.then(|| view! { <ConfirmButton next=next.clone() /> })}
        <PostForm action=confirm>
            <div class="form">
                <FormError form />
                <input type="hidden" name="form[next]" value=next />
                // Tells password managers whose password this is; without a name it is not sent.
                <input type="email" class="sr-only" value=email autocomplete="username" readonly tabindex="-1" aria-hidden="true" />
                <TextField form name="form[password]" label="Password" kind="password" required=true autocomplete="current-password" maxlength=128 autofocus=true />
                {who.second_factor.then(|| view! {
                    <TextField form name="form[code]" label="Code of your authenticator app" required=true autocomplete="one-time-code" inputmode="numeric" maxlength=12 />
                })}
                <SubmitButton form label="Confirm" pending_label="Checking…" kind />
            </div>
        </PostForm>
        <p><a href=by_code>"Sign in with a code by e-mail instead"</a></p>
        {who.second_factor.then(|| view! { <p><a href=anew>"Sign in with a recovery code instead"</a></p> })}
    }
}

#[component]
fn Confirmed() -> impl IntoView {
    view! {
        <Notice tone=Tone::Good title="It is you">
            <p>"Close this tab, go back to the form that you were filling in, and send it again. You have five minutes."</p>
        </Notice>
        <p><a href="/">"Go to the dashboard"</a></p>
    }
}
