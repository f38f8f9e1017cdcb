//! What each role may do, in words.

use leptos::prelude::*;

use crate::{
    access::{Permission, Role},
    team::api::FindOwnRole,
    ui::*,
};

/// `/team/roles`: the table that the guards read, for people.
#[component]
pub fn RolesPage() -> impl IntoView {
    let role = Fetch::new(|| FindOwnRole {});
    view! {
        <PageTitle text="What each role may do" />
        <PageHeader
            title="What each role may do"
            text="Everybody on the team has one role. Owners and admins give roles; only an owner makes another owner."
            back=("/team".into(), "Team".into())
        />
        <Load resource=role headed=true view=|own| view! { <Roles own /> }.into_any() />
    }
}

#[component]
fn Roles(own: Option<Role>) -> impl IntoView {
    let mut heads = vec![Head::text("Permission")];
    heads.extend(Role::ALL.map(|role| Head::text(name(role, own))));
    let rows = Permission::ALL.into_iter().map(move |permission| {
        let cells = Role::ALL.map(move |role| view! { <Answer permission role own /> }).collect_view();
        view! {
            <tr>
                <th scope="row" data-label="Permission">{permission.sentence()}</th>
                {cells}
            </tr>
        }
    });
    let summaries = Role::ALL.map(move |role| view! { <div><dt>{name(role, own)}</dt><dd>{role.summary()}</dd></div> }).collect_view();
    view! {
        <div class="stack">
            <Card title="In short">
                <dl class="facts">{summaries}</dl>
            </Card>
            <Card title="In full" flush=true>
                <Table caption="Which role may do what" heads>
                    {rows.collect_view()}
                </Table>
            </Card>
        </div>
    }
}

/// The role's name; the person's own is marked.
fn name(role: Role, own: Option<Role>) -> String {
    if Some(role) == own { format!("{} (your role)", role.label()) } else { role.label().to_owned() }
}

#[component]
fn Answer(permission: Permission, role: Role, own: Option<Role>) -> impl IntoView {
    let may = role.can(permission);
    let (word, icon, class) = if may { ("Yes", Icon::Check, "team-may") } else { ("No", Icon::Close, "team-may team-may-not") };
    view! {
        <td data-label=name(role, own) class:team-own=Some(role) == own>
            <span class=class><IconView icon />{word}</span>
            {(Some(role) == own && !may).then(|| view! { " " <AskLink permission /> })}
        </td>
    }
}
