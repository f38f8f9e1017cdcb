//! One person of the team: role and removal.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    members::{RoleBadge, SecondFactorBadge},
    role_choice::RoleChoice,
};
use crate::{
    keys::model::MadeKey,
    number::grouped,
    team::{
        api::{
            FindMember,
            members::{ChangeRole, RemoveMember, SignOutMember},
        },
        model::MemberDetail,
    },
    ui::*,
};

/// `/team/{user}`: what the person may do, and how to take it away.
#[component]
pub fn MemberPage() -> impl IntoView {
    let params = use_params_map();
    let user = Memo::new(move |_| params.with(|params| params.get("user").unwrap_or_default()));
    let change = FormAction::<ChangeRole>::new();
    let sign_out = FormAction::<SignOutMember>::new();
    let remove = FormAction::<RemoveMember>::new();
    FormState::of(change).announce(Done::RoleChanged);
    FormState::of(sign_out).announce(Done::MemberSignedOut);
    let member = Fetch::again(move || change.version().get(), move || FindMember { user: user.get() });
    view! {
        <PageTitle text="Team member" />
        <Load resource=member view=move |detail: MemberDetail| view! { <MemberView detail change sign_out remove /> }.into_any() />
    }
}

#[component]
fn MemberView(
    detail: MemberDetail,
    change: FormAction<ChangeRole>,
    sign_out: FormAction<SignOutMember>,
    remove: FormAction<RemoveMember>,
) -> impl IntoView {
    let MemberDetail { member, joined, keys, .. } = detail.clone();
    let last_active = match member.last_active {
        Some(when) => view! { <Time when /> }.into_any(),
        None => view! { "Never" }.into_any(),
    };
    let (of_role, of_sessions) = (detail.clone(), detail.clone());
    view! {
        <PageTitle text=member.name.clone() />
        <PageHeader title=member.name text=member.email back=("/team".into(), "Team".into()) />
        <div class="stack">
            <FormError form=FormState::of(remove) />
            <Card title="Membership">
                <dl class="facts">
                    <div><dt>"Role"</dt><dd><RoleBadge role=member.role /></dd></div>
                    <div><dt>"Second factor"</dt><dd><SecondFactorBadge has=member.second_factor /></dd></div>
                    <div><dt>"Last active"</dt><dd>{last_active}</dd></div>
                    <div><dt>"Joined"</dt><dd><Time when=joined /></dd></div>
                    <div><dt>"Active API keys created"</dt><dd>{grouped(i64::try_from(keys.len()).unwrap_or(i64::MAX))}</dd></div>
                </dl>
            </Card>
            <RoleCard detail=of_role action=change />
            <SessionsCard detail=of_sessions action=sign_out />
            <RemovalCard detail action=remove />
        </div>
    }
}

#[component]
fn RoleCard(detail: MemberDetail, action: FormAction<ChangeRole>) -> impl IntoView {
    let form = FormState::of(action);
    let MemberDetail { member, roles, role_refused, .. } = detail;
    let body = if let Some(reason) = role_refused {
        view! { <p class="muted">{reason}</p> }.into_any()
    } else {
        view! {
            <PostForm action>
                <div class="form">
                    <FormError form />
                    <input type="hidden" name="form[user]" value=member.user_id.to_string() />
                    <RoleChoice form roles chosen=member.role />
                    <div class="form-actions">
                        <SubmitButton form label="Save role" pending_label="Saving…" />
                    </div>
                </div>
            </PostForm>
        }
        .into_any()
    };
    view! { <Card title="Change role" text="A new role counts from the person’s next click.">{body}</Card> }
}

#[component]
fn SessionsCard(detail: MemberDetail, action: FormAction<SignOutMember>) -> impl IntoView {
    let MemberDetail { member, customer_name, sign_out_refused, .. } = detail;
    let body = if member.you {
        view! { <p class="muted">"End your own under " <a href="/account/sessions">"“Where you are signed in”"</a> "."</p> }.into_any()
    } else if let Some(reason) = sign_out_refused {
        view! { <p class="muted">{reason}</p> }.into_any()
    } else {
        let text = format!(
            "Every browser in which {} can work for {customer_name} is signed out at once, also where they work for other companies. They can sign in \
             again: if somebody knows their password, they have to choose a new one as well.",
            member.name,
        );
        view! {
            <div class="stack">
                <FormError form=FormState::of(action) />
                <p class="muted">"For a lost device, or a session that is not theirs."</p>
                <ConfirmForm
                    action
                    label="Sign out everywhere"
                    title=format!("Sign {} out everywhere?", member.name)
                    text
                    confirm="Sign out everywhere"
                    pending_label="Signing out…"
                    opener=ButtonKind::Secondary
                >
                    <input type="hidden" name="form[user]" value=member.user_id.to_string() />
                </ConfirmForm>
            </div>
        }
        .into_any()
    };
    view! { <Card title="Sessions">{body}</Card> }
}

#[component]
fn RemovalCard(detail: MemberDetail, action: FormAction<RemoveMember>) -> impl IntoView {
    let MemberDetail { member, customer_name, keys: made, removal_refused, .. } = detail;
    let title = format!("Remove from {customer_name}");
    let keys = keys_that_stay(&made);
    let body = if member.you {
        view! { <p class="muted">"To go yourself, use “Leave team” on the " <a href="/team">"team page"</a> "."</p> }.into_any()
    } else if let Some(reason) = removal_refused {
        view! { <p class="muted">{reason}</p> }.into_any()
    } else {
        let text =
            format!("{} loses access to the portal of {customer_name} at once, on every device. {keys} Their tickets stay.", member.name,);
        view! {
            <div class="stack">
                <p class="muted">{format!("Ends the access of {} at once and frees a seat. {keys}", member.name)}</p>
                <ConfirmForm
                    action
                    label="Remove person"
                    title=format!("Remove {}?", member.name)
                    text
                    confirm="Remove person"
                    pending_label="Removing…"
                    opener=ButtonKind::Final
                >
                    <input type="hidden" name="form[user]" value=member.user_id.to_string() />
                    <MadeKeys made />
                </ConfirmForm>
            </div>
        }
        .into_any()
    };
    view! { <Card title>{body}</Card> }
}

/// The keys that a removal leaves behind, each with the way to end it.
#[component]
fn MadeKeys(made: Vec<MadeKey>) -> impl IntoView {
    let line = |key: MadeKey| {
        let disabled = key.disabled.then(|| view! { " " <Badge text="Disabled" /> });
        view! { <li><a href=format!("/keys/{}", key.id)>{key.name}</a>{disabled}</li> }
    };
    view! { <ul class="made-keys">{made.into_iter().map(line).collect_view()}</ul> }
}

/// What a removal leaves behind.
fn keys_that_stay(made: &[MadeKey]) -> String {
    let disabled = made.iter().filter(|key| key.disabled).count();
    let working = match made.len() - disabled {
        0 if disabled > 0 => "No API key that they created works now.".to_owned(),
        0 => "They created no API key that is in use.".to_owned(),
        1 => "The active API key that they created keeps working: revoke it under “API keys” if they know it.".to_owned(),
        count => format!("The {count} active API keys that they created keep working: revoke those they know under “API keys”."),
    };
    match disabled {
        0 => working,
        1 => format!("{working} A disabled one can be enabled again: revoke it too."),
        count => format!("{working} {count} disabled ones can be enabled again: revoke them too."),
    }
}
