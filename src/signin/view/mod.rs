//! The pages before the portal, and the frame around it.

use leptos::prelude::*;
use leptos_router::{
    components::Outlet,
    hooks::{use_params_map, use_query_map},
    location::Url,
};

mod code_page;
mod confirm_page;
mod password_field;
mod password_page;
mod sessions_page;

pub use code_page::{AskCodePage, EnterCodePage};
pub use confirm_page::ConfirmPage;
pub use password_field::NewPasswordField;
pub use password_page::PasswordPage;
pub use sessions_page::SessionsPage;

use super::api::{FindShell, RequestReset, ResetIsOpen, ResetPassword, SignIn};
use crate::{passkeys::view::SignInButton, ui::*};

/// The portal around its pages: navigation, customer switcher, the person.
#[component]
pub fn PortalFrame() -> impl IntoView {
    // Until its own data has come: somebody else may have signed in since the last page.
    page_is_about(None);
    let version = FrameVersion::provide();
    let shell = Fetch::again(move || version.get(), || FindShell {});
    provide_context(shell);
    view! {
        <PortalLayout shell>
            <Outlet />
        </PortalLayout>
    }
}

/// `/signin`
#[component]
pub fn SignInPage() -> impl IntoView {
    let sign_in = FormAction::<SignIn>::new();
    let form = FormState::of(sign_in);
    let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
    let by_code = format!("/signin/code?next={}", Url::escape(&next));
    let by_sso = format!("/signin/sso?next={}", Url::escape(&next));
    let for_passkey = next.clone();
    view! {
        <PageTitle text="Sign in" />
        <NarrowLayout>
            <h1>"Sign in"</h1>
            <p class="muted">"Your account, usage, billing, team, API keys and support in one place."</p>
            <PostForm action=sign_in>
                <div class="form">
                    <FormError form />
                    <input type="hidden" name="form[next]" value=next />
                    <TextField form name="form[email]" label="E-mail address" kind="email" required=true autocomplete="username webauthn" maxlength=254 autofocus=true />
                    <TextField form name="form[password]" label="Password" kind="password" required=true autocomplete="current-password" maxlength=128 />
                    <CheckField name="form[keep]" label="Keep me signed in" hint="For 30 days in this browser. Not on a computer that you share." />
                    <SubmitButton form label="Sign in" pending_label="Signing in…" />
                </div>
            </PostForm>
            <SignInButton next=for_passkey />
            <p>
                <a href=by_code>"Sign in with a code by e-mail"</a>
            </p>
            <p>
                <a href=by_sso>"Single sign-on"</a>
            </p>
            <p>
                <a href="/reset">"Forgot your password?"</a>
            </p>
        </NarrowLayout>
    }
}

/// `/reset`
#[component]
pub fn ForgotPage() -> impl IntoView {
    let request = FormAction::<RequestReset>::new();
    let form = FormState::of(request);
    let came_back = use_query_map().with_untracked(|query| query.get_str("done") == Some("reset-sent"));
    let sent = move || came_back || form.succeeded().get();
    view! {
        <PageTitle text="Reset your password" />
        <NarrowLayout>
            <h1>"Reset your password"</h1>
            <p class="muted">"We send a link to your address. It works once, within one hour."</p>
            <PostForm action=request>
                <div class="form">
                    <FormError form />
                    <TextField form name="form[email]" label="E-mail address" kind="email" required=true autocomplete="username" maxlength=254 autofocus=true />
                    <SubmitButton form label="Send the link" pending_label="Sending…" />
                </div>
            </PostForm>
            <div aria-live="polite">
                <Show when=sent>
                    <Notice tone=Tone::Good title="Check your inbox">"If the address belongs to an account, the link is on its way."</Notice>
                </Show>
            </div>
            <p>
                <a href="/signin">"Back to the sign-in"</a>
            </p>
        </NarrowLayout>
    }
}

/// `/reset/:token`
#[component]
pub fn ResetPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token").unwrap_or_default());
    let asked = token.clone();
    let open = Fetch::new(move || ResetIsOpen { token: asked.clone() });
    view! {
        <PageTitle text="Choose a new password" />
        <NarrowLayout>
            <h1>"Choose a new password"</h1>
            <Load
                resource=open
                view=move |open| {
                    if open { view! { <ResetForm token=token.clone() /> }.into_any() } else { view! { <ResetExpired /> }.into_any() }
                }
            />
        </NarrowLayout>
    }
}

#[component]
fn ResetForm(token: String) -> impl IntoView {
    let reset = FormAction::<ResetPassword>::new();
    let form = FormState::of(reset);
    view! {
        <PostForm action=reset>
            <div class="form">
                <FormError form />
                <input type="hidden" name="form[token]" value=token />
                <NewPasswordField form />
                <SubmitButton form label="Save password" pending_label="Saving…" />
            </div>
        </PostForm>
    }
}

#[component]
fn ResetExpired() -> impl IntoView {
    view! {
        <p>"This link has expired or was used already."</p>
        <ButtonLink href="/reset" label="Ask for a new link" />
    }
}
