//! The team page: people, seats, invitations.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::{
        ListTeam, TeamQuery,
        invitations::{ChangeInvitedRole, InviteMember, ResendInvitation, RevokeInvitation},
        members::LeaveTeam,
    },
    model::{Team, check_leave, grantable_roles},
};
use crate::{
    access::{Permission, Role},
    requests::view::RequestsCard,
    rights::Rights,
    ui::*,
};

mod accept_page;
mod invitations;
mod member_page;
mod members;
mod role_choice;
mod roles_page;

pub use accept_page::InvitationPage;
pub use member_page::MemberPage;
pub use roles_page::RolesPage;

use invitations::Invitations;
use members::Members;
use role_choice::RoleChoice;

/// The forms of the page.
#[derive(Clone, Copy)]
struct TeamActions {
    invite: FormAction<InviteMember>,
    resend: FormAction<ResendInvitation>,
    change_role: FormAction<ChangeInvitedRole>,
    revoke: FormAction<RevokeInvitation>,
    leave: FormAction<LeaveTeam>,
}

/// `/team`: who belongs to the customer and who is invited.
#[component]
pub fn TeamPage() -> impl IntoView {
    let actions = TeamActions {
        invite: FormAction::new(),
        resend: FormAction::new(),
        change_role: FormAction::new(),
        revoke: FormAction::new(),
        leave: FormAction::new(),
    };
    let query = use_query_map();
    // The page is drawn again after each change: once somebody is invited, the form stays closed.
    let done_inviting = RwSignal::new(false);
    let inviting = Signal::derive(move || !done_inviting.get() && query.with(|query| query.get_str("open") == Some("invite")));
    // The list is read again after a success only: a refused invitation changes nothing, and its dialog stays open.
    let invited = RwSignal::new(0_usize);
    FormState::of(actions.invite).announce(Done::Invited).on_success(move || {
        done_inviting.set(true);
        invited.update(|count| *count += 1);
    });
    FormState::of(actions.resend).announce(Done::InvitationResent);
    FormState::of(actions.change_role).announce(Done::RoleChanged);
    FormState::of(actions.revoke).announce(Done::InvitationRevoked);
    // Whoever has left sees another customer from here on, or none: nothing of this page may stay.
    FormState::of(actions.leave).on_success(|| go(&format!("/?done={}", Done::Left)));
    let asked = Memo::new(move |_| {
        let part = |name| query.with(|query| query.get(name).unwrap_or_default());
        TeamQuery { q: part("q"), role: part("role"), page: part("page"), invitations: part("invitations") }
    });
    let granted = Callback::new(move |()| invited.update(|count| *count += 1));
    let changes =
        move || invited.get() + actions.resend.version().get() + actions.change_role.version().get() + actions.revoke.version().get();
    let team = Fetch::again(changes, move || ListTeam { query: asked.get() });
    view! {
        <PageTitle text="Team" />
        <Load resource=team view=move |team: Team| view! { <TeamView team asked=asked.get_untracked() actions inviting granted /> }.into_any() />
    }
}

#[component]
fn TeamView(team: Team, asked: TeamQuery, actions: TeamActions, inviting: Signal<bool>, granted: Callback<()>) -> impl IntoView {
    let rights = team.rights;
    let manages = rights.can(Permission::ManageTeam);
    // Only people manage a team, and they have a role.
    let (seats, role) = (team.seats, rights.in_team(rights.role().unwrap_or(Role::Member)));
    let text = format!("Everyone who can sign in to the portal of {}.", team.customer_name);
    view! {
        <PageHeader title="Team" text>
            <ButtonLink href="/team/roles" label="What each role may do" kind=ButtonKind::Quiet />
            <Allowed permission=Permission::ManageSso><ButtonLink href="/team/sso" label="Single sign-on" kind=ButtonKind::Quiet /></Allowed>
            {if manages {
                view! { <InviteDialog action=actions.invite role asked_for=inviting full=seats.full() /> }.into_any()
            } else {
                rights.is_own().then(|| view! { <ButtonLink href="/requests/manage_team" label="Ask to invite people" /> }).into_any()
            }}
        </PageHeader>
        <div class="stack">
            <FormError form=FormState::of(actions.resend) />
            <FormError form=FormState::of(actions.change_role) />
            <FormError form=FormState::of(actions.revoke) />
            <FormError form=FormState::of(actions.leave) />
            <RequestsCard granted />
            <Card title="Seats">
                <Meter label="Taken" used=seats.used() limit=seats.limit>
                    <p class="muted small">{seats.sentence()}</p>
                </Meter>
                {seats.full().then(|| view! { <FullTeam remedy=seats.remedy() larger=seats.larger_plan().is_some() manages /> })}
            </Card>
            {manages.then(|| view! { <Invitations page=team.invitations actions role /> })}
            <Members page=team.members asked manages />
            {(team.owners == 1 && rights == Rights::Own(Role::Owner)).then(|| view! {
                <Notice tone=Tone::Info title="You are the only owner">
                    "If you lose access, nobody else can manage owners. Consider making a second person an owner."
                </Notice>
            })}
            {rights.is_own().then(|| view! { <Leave action=actions.leave customer_name=team.customer_name role owners=team.owners /> })}
        </div>
    }
}

/// What to do about a full team.
#[component]
fn FullTeam(remedy: String, larger: bool, manages: bool) -> impl IntoView {
    let (href, label, icon) =
        if larger { ("/billing/plan", "See plans", Icon::Upgrade) } else { ("/support/new", "Write to support", Icon::Support) };
    view! {
        <Notice tone=Tone::Warn title="The team is full">
            <p>{remedy}</p>
            {manages.then(|| view! { <ButtonLink href label icon small=true /> })}
        </Notice>
    }
}

#[component]
fn InviteDialog(action: FormAction<InviteMember>, role: Role, asked_for: Signal<bool>, full: bool) -> impl IntoView {
    let kind = if full { ButtonKind::Secondary } else { ButtonKind::Primary };
    let form = FormState::of(action);
    let text = "They get an e-mail with a link that works for seven days. The invitation takes a seat until then.";
    view! {
        <Dialog label="Invite a person" title="Invite a person" text kind icon=Icon::Plus asked_for form>
            <DialogForm action submit="Send invitation" pending_label="Sending…">
                <TextField
                    form
                    name="form[email]"
                    label="E-mail address"
                    kind="email"
                    required=true
                    maxlength=254
                    autocomplete="off"
                    placeholder="name@company.com"
                />
                <RoleChoice form roles=grantable_roles(role) chosen=Role::Member />
            </DialogForm>
        </Dialog>
    }
}

#[component]
fn Leave(action: FormAction<LeaveTeam>, customer_name: String, role: Role, owners: i64) -> impl IntoView {
    let title = format!("Leave {customer_name}");
    let body = match check_leave(role, owners) {
        Err(refusal) => view! { <p class="muted">{refusal.sentence()}</p> }.into_any(),
        Ok(()) => view! {
            <div class="stack">
            <p class="muted">"You lose access to this portal at once. API keys that you created keep working."</p>
            <ConfirmForm
                action
                label="Leave team"
                title=format!("Leave {customer_name}?")
                text="You can no longer see or change anything here. To come back you need a new invitation."
                confirm="Leave team"
                pending_label="Leaving…"
                opener=ButtonKind::Final
            />
            </div>
        }
        .into_any(),
    };
    view! { <Card title>{body}</Card> }
}
