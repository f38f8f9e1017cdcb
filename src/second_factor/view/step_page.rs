//! The page that asks for the second factor at the sign-in.

use leptos::prelude::*;

use crate::{
    second_factor::api::step::{EnterSecondFactor, StepIsOpen},
    ui::*,
};

/// `/signin/second-factor`
#[component]
pub fn StepPage() -> impl IntoView {
    let enter = FormAction::<EnterSecondFactor>::new();
    let open = Fetch::new(|| StepIsOpen {});
    view! {
        <PageTitle text="Enter your second factor" />
        <NarrowLayout>
            <Load
                resource=open
                view=move |open| if open { view! { <StepForms enter /> }.into_any() } else { view! { <Over /> }.into_any() }
            />
        </NarrowLayout>
    }
}

#[component]
fn StepForms(enter: FormAction<EnterSecondFactor>) -> impl IntoView {
    let form = FormState::of(enter);
    let recovering = form.message("recovery").with_untracked(Option::is_some);
    view! {
        <h1>"Enter your second factor"</h1>
        <p class="muted">"Open your authenticator app and enter the six digits that it shows for this portal."</p>
        <PostForm action=enter>
            <div class="form">
                <FormError form />
                <TextField form name="form[code]" label="Code" required=true autocomplete="one-time-code" inputmode="numeric" maxlength=12 autofocus=!recovering />
                <SubmitButton form label="Sign in" pending_label="Signing in…" />
            </div>
        </PostForm>
        <details class="disclosure" open=recovering>
            <summary>"Use a recovery code instead"</summary>
            <PostForm action=enter>
                <div class="form">
                    <TextField
                        form
                        name="form[recovery]"
                        label="Recovery code"
                        hint="One of the ten that you kept when you set up your second factor. Each works once."
                        placeholder="ABCD-EFGH-2345-WXYZ"
                        required=true
                        autocomplete="off"
                        maxlength=40
                        autofocus=recovering
                    />
                    <SubmitButton form label="Sign in with a recovery code" pending_label="Signing in…" kind=ButtonKind::Secondary />
                </div>
            </PostForm>
        </details>
        <p>
            <a href="/signin">"Back to the sign-in"</a>
        </p>
    }
}

#[component]
fn Over() -> impl IntoView {
    view! {
        <PageTitle text="No code can be entered here" />
        <h1>"No code can be entered here"</h1>
        <p>"A code can be entered for ten minutes and five times, in the browser in which you entered your password. Sign in again to go on."</p>
        <ButtonLink href="/signin" label="Sign in again" kind=ButtonKind::Primary />
    }
}
