//! Buttons behind which a browser talks to an authenticator: `public/passkeys.js` does that, then sends the form around the
//! button, which from there on is a form like any other.

use leptos::{nonce::use_nonce, prelude::*, server_fn::ServerFn};
use serde::de::DeserializeOwned;

use crate::{
    error::AppError,
    passkeys::api::proof::{ConfirmByPasskey, SignInByPasskey},
    ui::*,
};

/// A form that sends what an authenticator answered; the children are its other fields. Where the browser has no passkeys
/// it is not there.
#[component]
pub(super) fn PasskeyForm<S>(
    /// Where it is sent.
    action: FormAction<S>,
    /// `create` for a new passkey, `get` for a proof with one.
    kind: &'static str,
    /// The server function that says what to ask the authenticator for.
    start: &'static str,
    /// Whether the browser may also offer its passkeys in a field with `autocomplete="webauthn"`.
    #[prop(optional)]
    autofill: bool,
    /// What the button says.
    label: &'static str,
    /// What it says while the answer is awaited.
    pending_label: &'static str,
    /// How the button looks.
    #[prop(default = ButtonKind::Primary)]
    button: ButtonKind,
    /// Other fields.
    children: Children,
) -> impl IntoView
where
    S: ServerFn<Error = AppError> + 'static,
    S::Output: DeserializeOwned + Send + Sync + 'static,
{
    let form = FormState::of(action);
    view! {
        <div class="needs-script passkey-possible">
            <PostForm action>
                <div class="form">
                    <FormError form />
                    {children()}
                    <input type="hidden" name="form[answer]" data-passkey=kind data-start=start data-autofill=autofill />
                    <div class="form-actions">
                        <SubmitButton form label pending_label kind=button />
                    </div>
                    <p class="field-error" role="alert"></p>
                </div>
            </PostForm>
            <script type="module" nonce=use_nonce() src="/passkeys.js"></script>
        </div>
    }
}

/// On the page of the sign-in.
#[component]
pub fn SignInButton(
    /// Where to go afterwards.
    next: String,
) -> impl IntoView {
    let action = FormAction::<SignInByPasskey>::new();
    view! {
        <PasskeyForm
            action
            kind="get"
            start="/api/passkeys/start_signin"
            autofill=true
            label="Sign in with a passkey"
            pending_label="Signing in…"
            button=ButtonKind::Secondary
        >
            <input type="hidden" name="form[next]" value=next />
            // Takes over what is chosen beside the password.
            <input type="hidden" name="form[keep]" value="true" data-copies="field-keep" disabled />
        </PasskeyForm>
    }
}

/// On the page that asks once more who it is.
#[component]
pub fn ConfirmButton(
    /// Where to go afterwards.
    next: String,
) -> impl IntoView {
    let action = FormAction::<ConfirmByPasskey>::new();
    view! {
        <PasskeyForm action kind="get" start="/api/passkeys/start_confirm" label="Confirm with a passkey" pending_label="Checking…">
            <input type="hidden" name="form[next]" value=next />
        </PasskeyForm>
    }
}
