//! The page behind the link of an invitation.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    signin::{api::SignOut, view::NewPasswordField},
    team::{
        api::acceptance::{AcceptInvitation, FindInvitation},
        model::{InvitationAnswer, OpenInvitation, Reader},
    },
    ui::*,
};

/// `/invite/{token}`: what the invitation is for, and how to accept it.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token").unwrap_or_default()));
    let accept = FormAction::<AcceptInvitation>::new();
    let sign_out = FormAction::<SignOut>::new();
    let answer = Fetch::again(move || sign_out.version().get(), move || FindInvitation { token: token.get() });
    view! {
        <PageTitle text="Invitation" />
        <layout::NarrowLayout>
            <Load
                resource=answer
                view=move |answer: InvitationAnswer| match answer {
                    InvitationAnswer::Open(invitation) => {
                        view! { <Open invitation token=token.get_untracked() accept sign_out /> }.into_any()
                    }
                    InvitationAnswer::Expired { customer_name, invited_by } => view! { <Expired customer_name invited_by /> }.into_any(),
                    InvitationAnswer::Gone => view! { <Gone /> }.into_any(),
                }
            />
        </layout::NarrowLayout>
    }
}

#[component]
fn Gone() -> impl IntoView {
    set_status(404);
    view! {
        <h1>"This invitation is no longer valid"</h1>
        <p>
            "It was used, revoked or replaced by a newer one, or the link is incomplete. Look for a newer mail, or ask the person who invited you for a new invitation."
        </p>
        <p>"If you have already joined, " <a href="/signin">"sign in"</a> "."</p>
    }
}

#[component]
fn Expired(customer_name: String, invited_by: Option<String>) -> impl IntoView {
    set_status(410);
    let whom = invited_by.unwrap_or_else(|| "the person who invited you".to_owned());
    let text = format!(
        "Invitations work for seven days. Ask {whom} for a new invitation to {customer_name}: the link then comes to you by e-mail."
    );
    view! {
        <h1>"This invitation has expired"</h1>
        <p>{text}</p>
    }
}

#[component]
fn Open(invitation: OpenInvitation, token: String, accept: FormAction<AcceptInvitation>, sign_out: FormAction<SignOut>) -> impl IntoView {
    let OpenInvitation { customer_name, invited_by, email, role, expires, reader } = invitation;
    let invited = email.clone();
    let customer = customer_name.clone();
    let form = match reader {
        Reader::NewPerson => view! { <NewPersonForm token accept email customer /> }.into_any(),
        Reader::SignedOut => view! { <SignInFirst token email /> }.into_any(),
        Reader::Invited { name } => view! { <JoinForm token accept name customer /> }.into_any(),
        Reader::SomeoneElse { email } => view! { <SwitchAccount token invited=invited.clone() email sign_out /> }.into_any(),
    };
    let text = match invited_by {
        Some(name) => format!("{name} invited {invited} to the customer portal of {customer_name}."),
        None => format!("{invited} is invited to the customer portal of {customer_name}."),
    };
    view! {
        <h1>{format!("Join {customer_name}")}</h1>
        <p>{text}</p>
        <dl class="facts">
            <div><dt>"Role"</dt><dd>{role.label()} <span class="team-role-summary">{role.summary()}</span></dd></div>
            <div><dt>"Expires"</dt><dd><Time when=expires /></dd></div>
        </dl>
        {form}
    }
}

#[component]
fn NewPersonForm(token: String, accept: FormAction<AcceptInvitation>, email: String, customer: String) -> impl IntoView {
    let form = FormState::of(accept);
    view! {
        <PostForm action=accept>
            <div class="form">
                <FormError form />
                <input type="hidden" name="form[token]" value=token />
                // Tells password managers whose password this is; without a name it is not sent.
                <input type="email" class="sr-only" value=email autocomplete="username" readonly tabindex="-1" aria-hidden="true" />
                <TextField form name="form[name]" label="Your name" required=true maxlength=120 autocomplete="name" />
                <NewPasswordField form label="Choose a password" />
                <div class="form-actions">
                    <SubmitButton form label=format!("Join {customer}") pending_label="Joining…" />
                </div>
            </div>
        </PostForm>
    }
}

#[component]
fn JoinForm(token: String, accept: FormAction<AcceptInvitation>, name: String, customer: String) -> impl IntoView {
    let form = FormState::of(accept);
    view! {
        <PostForm action=accept>
            <div class="form">
                <p>{format!("You are signed in as {name}.")}</p>
                <FormError form />
                <input type="hidden" name="form[token]" value=token />
                <div class="form-actions">
                    <SubmitButton form label=format!("Join {customer}") pending_label="Joining…" />
                </div>
            </div>
        </PostForm>
    }
}

#[component]
fn SignInFirst(token: String, email: String) -> impl IntoView {
    view! {
        <p>{format!("{email} already has an account here. Sign in with it, and you come back to this page to join.")}</p>
        <div class="form-actions">
            <ButtonLink href=format!("/signin?next=/invite/{token}") label="Sign in to join" kind=ButtonKind::Primary />
        </div>
    }
}

#[component]
fn SwitchAccount(token: String, invited: String, email: String, sign_out: FormAction<SignOut>) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn title="You are signed in with another address">
            <p>{format!("The invitation is for {invited}, and you are signed in as {email}. Only the invited address can accept it.")}</p>
        </Notice>
        <div class="form-actions">
            <PostButton action=sign_out label="Switch account" pending_label="Signing out…" kind=ButtonKind::Primary>
                <input type="hidden" name="next" value=format!("/invite/{token}") />
            </PostButton>
        </div>
    }
}
