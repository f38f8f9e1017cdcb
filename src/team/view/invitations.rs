//! The list of invitations that wait for an answer.

use leptos::prelude::*;

use super::{TeamActions, members::RoleBadge};
use crate::{
    access::Role,
    page::Page,
    team::{
        api::invitations::ChangeInvitedRole,
        model::{Invitation, check_invitation, grantable_roles},
    },
    ui::*,
};

/// Invitations that wait for an answer, and those that expired lately. Nothing when there are none.
#[component]
pub fn Invitations(page: Page<Invitation>, actions: TeamActions, role: Role) -> impl IntoView {
    if page.rows.is_empty() && page.number == 1 {
        return ().into_any();
    }
    let (number, last) = (page.number, page.last());
    let heads = vec![Head::text("Invited"), Head::text("Role"), Head::text("Link"), Head::actions()];
    let rows = page.rows.into_iter().map(move |invitation| view! { <InvitationRow invitation actions role /> });
    view! {
        <Card title="Invitations" text="Each takes a seat until it is accepted, revoked or expired." flush=true>
            <Table caption="Invitations that wait for an answer" heads>{rows.collect_view()}</Table>
            <InvitationPager number last />
        </Card>
    }
    .into_any()
}

#[component]
fn InvitationRow(invitation: Invitation, actions: TeamActions, role: Role) -> impl IntoView {
    let id = invitation.invitation_id.to_string();
    let email = invitation.email.clone();
    let by = invitation.invited_by.map_or_else(|| "Sent ".to_owned(), |name| format!("Sent by {name} "));
    let state = if invitation.expired {
        view! { <span class="nowrap"><Badge text="Expired" tone=Tone::Warn /> " " <Time when=invitation.expires /></span> }
    } else {
        view! { <span class="nowrap"><Badge text="Pending" tone=Tone::Info /> " expires " <Time when=invitation.expires /></span> }
    };
    let (resent, changed, invited) = (id.clone(), id.clone(), email.clone());
    let resend = check_invitation(role, invitation.role).is_ok().then(|| {
        view! {
            <RoleDialog id=changed email=invited current=invitation.role role action=actions.change_role />
            <PostButton action=actions.resend label="Resend" pending_label="Sending…" small=true>
                <input type="hidden" name="form[invitation]" value=resent />
            </PostButton>
        }
    });
    view! {
        <tr>
            <th scope="row" data-label="Invited">
                <div class="team-invited">
                    <span>{email.clone()}</span>
                    <span class="team-sent">{by} <Time when=invitation.sent /></span>
                </div>
            </th>
            <td data-label="Role"><RoleBadge role=invitation.role /></td>
            <td data-label="Link">{state}</td>
            <td class="actions">
                {resend}
                <ConfirmForm
                    action=actions.revoke
                    label="Revoke"
                    title=format!("Revoke the invitation of {email}?")
                    text="The link in the e-mail stops working at once, and the seat is free again."
                    confirm="Revoke invitation"
                    pending_label="Revoking…"
                    small=true
                >
                    <input type="hidden" name="form[invitation]" value=id />
                </ConfirmForm>
            </td>
        </tr>
    }
}

/// Which role the invited person will have.
#[component]
fn RoleDialog(id: String, email: String, current: Role, role: Role, action: FormAction<ChangeInvitedRole>) -> impl IntoView {
    let form = FormState::of(action);
    let options: Vec<_> = grantable_roles(role).into_iter().map(|role| (role.as_str().to_owned(), role.label().to_owned())).collect();
    let field = format!("role-{id}");
    view! {
        <Dialog
            label="Change role"
            title=format!("Change the role of {email}")
            text="The link in the e-mail keeps working; they join with the role that you choose here."
            kind=ButtonKind::Quiet
            small=true
            close_with=form
        >
            <DialogForm action submit="Save role" pending_label="Saving…">
                <input type="hidden" name="form[invitation]" value=id />
                <SelectField form name="form[role]" id=field label="Role" value=current.as_str() options />
            </DialogForm>
        </Dialog>
    }
}

/// Pages of the invitations, beside the pages of the people.
#[component]
fn InvitationPager(number: u32, last: u32) -> impl IntoView {
    let link = |wanted: u32, label: &'static str| view! { <a href=format!("/team?invitations={wanted}")>{label}</a> };
    (last > 1).then(|| {
        view! {
            <nav class="team-pager" aria-label="Pages of invitations">
                {(number > 1).then(|| link(number - 1, "Newer invitations"))}
                {(number < last).then(|| link(number + 1, "Older invitations"))}
            </nav>
        }
    })
}
