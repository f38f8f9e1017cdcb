//! `/account/profile`, and the page where a new address is confirmed.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    api::{CancelEmail, ChangeEmail, ConfirmEmail, FindPending, FindProfile, RenameProfile},
    model::{MAX_NAME, PendingEmail, Profile},
};
use crate::ui::*;

/// The forms of the page.
#[derive(Clone, Copy)]
struct Actions {
    rename: FormAction<RenameProfile>,
    change: FormAction<ChangeEmail>,
    cancel: FormAction<CancelEmail>,
}

/// `/account/profile`
#[component]
pub fn ProfilePage() -> impl IntoView {
    let actions = Actions { rename: FormAction::new(), change: FormAction::new(), cancel: FormAction::new() };
    FrameVersion::follow(actions.rename.version().into());
    FormState::of(actions.rename).announce(Done::Saved);
    FormState::of(actions.cancel).announce(Done::Saved);
    let sent = RwSignal::new(0_usize);
    FormState::of(actions.change).announce(Done::LinkSent).on_success(move || sent.update(|count| *count += 1));
    let profile = Fetch::again(move || sent.get() + actions.cancel.version().get(), || FindProfile {});
    view! {
        <PageTitle text="Your profile" />
        <PageHeader title="Your profile" text="Your own name, and the address you sign in with. It is the same at every company you work for." />
        <div class="stack">
            <PersonalTabs current="/account/profile" />
            <Load resource=profile headed=true view=move |profile: Profile| view! { <ProfileView profile actions /> }.into_any() />
        </div>
    }
}

#[component]
fn ProfileView(profile: Profile, actions: Actions) -> impl IntoView {
    let Profile { name, email, pending } = profile;
    let rename = FormState::of(actions.rename);
    view! {
        <div class="stack account">
            <Card title="Your name">
                <PostForm action=actions.rename>
                    <div class="form">
                        <FormError form=rename />
                        <TextField form=rename name="form[name]" label="Name" value=name required=true autocomplete="name" maxlength=MAX_NAME />
                        <div class="form-actions">
                            <SubmitButton form=rename label="Save name" pending_label="Saving…" />
                        </div>
                    </div>
                </PostForm>
            </Card>
            <Card title="Sign-in address">
                <div class="stack">
                    <dl class="facts">
                        <div><dt>"You sign in with"</dt><dd>{email}</dd></div>
                    </dl>
                    {pending.map(|pending| view! { <Pending pending action=actions.cancel /> })}
                    <NewAddress action=actions.change />
                </div>
            </Card>
        </div>
    }
}

#[component]
fn Pending(pending: PendingEmail, action: FormAction<CancelEmail>) -> impl IntoView {
    view! {
        <Notice tone=Tone::Info title=format!("{} waits for its confirmation", pending.email)>
            <p>"Open the link that we sent to that address. It stops working " <Time when=pending.expires /> ". Until you confirm, you sign in with the old address."</p>
            <PostButton action label="Cancel the change" pending_label="Canceling…" kind=ButtonKind::Secondary small=true />
        </Notice>
    }
}

#[component]
fn NewAddress(action: FormAction<ChangeEmail>) -> impl IntoView {
    let form = FormState::of(action);
    view! {
        <PostForm action>
            <div class="form">
                <FormError form />
                <TextField
                    form
                    name="form[email]"
                    label="New address"
                    kind="email"
                    hint="We send a link to it, which works for 30 minutes. Other sessions end when you confirm the address."
                    required=true
                    autocomplete="email"
                    maxlength=254
                />
                <div class="form-actions">
                    <SubmitButton form label="Send the link" pending_label="Sending…" />
                </div>
            </div>
        </PostForm>
    }
}

/// `/profile/{token}`: where the mail to a new address leads. Opening it changes nothing.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token").unwrap_or_default());
    let asked = token.clone();
    let confirm = FormAction::<ConfirmEmail>::new();
    let found = Fetch::new(move || FindPending { token: asked.clone() });
    let shown = move |email: Option<String>| match email {
        Some(email) => view! { <Confirm email token=token.clone() action=confirm /> }.into_any(),
        None => view! {
            <p>"This link has expired or was used already."</p>
            <ButtonLink href="/account/profile" label="Open your profile" />
        }
        .into_any(),
    };
    view! {
        <PageTitle text="Confirm your new address" />
        <NarrowLayout>
            <h1>"Confirm your new address"</h1>
            <FormError form=FormState::of(confirm) />
            <Load resource=found headed=true view=shown />
        </NarrowLayout>
    }
}

#[component]
fn Confirm(email: String, token: String, action: FormAction<ConfirmEmail>) -> impl IntoView {
    view! {
        <p>"From now on you sign in with " <strong>{email}</strong> ", and no longer with your old address. Other sessions end."</p>
        <PostButton action label="Confirm the address" pending_label="Confirming…" kind=ButtonKind::Primary>
            <input type="hidden" name="form[token]" value=token />
        </PostButton>
    }
}
