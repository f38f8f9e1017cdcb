//! Another password.

use leptos::prelude::*;

use crate::{
    signin::{
        api::{confirm::FindWhoConfirms, new_password::ChangePassword},
        model::WhoConfirms,
        view::NewPasswordField,
    },
    ui::*,
};

/// `/account/password`: open also to whoever still lacks the second factor that their company asks for.
#[component]
pub fn PasswordPage() -> impl IntoView {
    let change = FormAction::<ChangePassword>::new();
    FormState::of(change).announce(Done::PasswordChanged);
    let who = Fetch::new(|| FindWhoConfirms { next: String::new() });
    view! {
        <PageTitle text="Your password" />
        <PageHeader title="Your password" text="The one with which you sign in, at every company you work for." />
        <div class="stack account">
            <PersonalTabs current="/account/password" />
            <Load resource=who headed=true view=move |who: WhoConfirms| view! { <NewPassword who action=change /> }.into_any() />
        </div>
    }
}

#[component]
fn NewPassword(who: WhoConfirms, action: FormAction<ChangePassword>) -> impl IntoView {
    if who.by_sso {
        let text = "You came in by the single sign-on of this company. A password is your own at every company, so it can only be changed \
                    after signing in without it.";
        return view! { <Card title="Change password"><p class="muted">{text}</p></Card> }.into_any();
    }
    let form = FormState::of(action);
    view! {
        <Card title="Change password">
            <PostForm action>
                <div class="form">
                    <FormError form />
                    // Tells password managers whose password it is.
                    <input type="email" class="sr-only" value=who.email autocomplete="username" readonly tabindex="-1" aria-hidden="true" />
                    <TextField form name="form[current]" label="Current password" kind="password" required=true autocomplete="current-password" maxlength=128 />
                    <NewPasswordField form consequence="Other sessions end when you save it." />
                    <div class="form-actions">
                        <SubmitButton form label="Change password" pending_label="Changing…" />
                    </div>
                </div>
            </PostForm>
            <p class="small muted">"You have none, or forgot it? " <a href="/reset">"Choose one by e-mail"</a> "."</p>
        </Card>
    }
    .into_any()
}
