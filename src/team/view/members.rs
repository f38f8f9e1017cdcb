//! The list of people.

use leptos::prelude::*;

use crate::{
    access::Role,
    number::grouped,
    page::Page,
    team::{api::TeamQuery, model::Member},
    ui::*,
};

/// The people who match the filter, a page at a time.
#[component]
pub fn Members(page: Page<Member>, asked: TeamQuery, manages: bool) -> impl IntoView {
    let filtered = !asked.q.trim().is_empty() || !asked.role.is_empty();
    let title = match (page.total, filtered) {
        (1, false) => "1 person".to_owned(),
        (1, true) => "1 person found".to_owned(),
        (total, false) => format!("{} people", grouped(total)),
        (total, true) => format!("{} people found", grouped(total)),
    };
    let clear = filtered && !page.rows.is_empty();
    let list = if page.rows.is_empty() {
        view! {
            <EmptyState title="Nobody matches" text="Try another part of the name or address, or another role." icon=Icon::Search>
                <ButtonLink href="/team" label="Clear filters" />
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <MemberTable rows=page.rows manages /> }.into_any()
    };
    view! {
        <Card title flush=true>
            <MemberSearch asked clear />
            {list}
            <Pager number=page.number per_page=page.per_page total=page.total />
        </Card>
    }
}

#[component]
fn MemberSearch(asked: TeamQuery, clear: bool) -> impl IntoView {
    let mut roles = vec![(String::new(), "Every role".to_owned())];
    roles.extend(Role::ALL.map(|role| (role.as_str().to_owned(), role.label().to_owned())));
    view! {
        <div class="team-search">
            <FilterForm path="/team" fields=&["q", "role"]>
                <SearchField name="q" label="Name or e-mail address" placeholder="Name or e-mail address" value=asked.q />
                <SelectField name="role" label="Role" value=asked.role options=roles id="filter-role" />
                <FilterActions path="/team" clear />
            </FilterForm>
        </div>
    }
}

#[component]
fn MemberTable(rows: Vec<Member>, manages: bool) -> impl IntoView {
    let mut heads = vec![Head::text("Name"), Head::text("Role"), Head::text("Last active")];
    if manages {
        heads.push(Head::text("Second factor"));
        heads.push(Head::actions());
    }
    let rows = rows.into_iter().map(move |member| view! { <MemberRow member manages /> });
    view! { <Table caption="People of the team" heads>{rows.collect_view()}</Table> }
}

#[component]
fn MemberRow(member: Member, manages: bool) -> impl IntoView {
    let actions = manages.then(|| {
        let href = format!("/team/{}", member.user_id);
        let spoken = format!("Manage {}", member.name);
        view! {
            <td data-label="Second factor"><SecondFactorBadge has=member.second_factor /></td>
            <td class="actions">
                <a href=href class="link" aria-label=spoken>"Manage"</a>
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row" data-label="Name">
                <div class="team-person">
                    <Person name=member.name text=member.email />
                    {member.you.then(|| view! { <Badge text="You" tone=Tone::Accent /> })}
                </div>
            </th>
            <td data-label="Role"><RoleBadge role=member.role /></td>
            <td data-label="Last active">
                {match member.last_active {
                    Some(when) => view! { <Time when /> }.into_any(),
                    None => view! { <span class="muted">"Never"</span> }.into_any(),
                }}
            </td>
            {actions}
        </tr>
    }
}

/// A role in a list, its meaning on hover.
#[component]
pub fn RoleBadge(role: Role) -> impl IntoView {
    let tone = match role {
        Role::Owner => Tone::Accent,
        Role::Admin => Tone::Info,
        Role::Billing | Role::Developer | Role::Member => Tone::Neutral,
    };
    view! { <span title=role.summary()><Badge text=role.label() tone /></span> }
}

/// Whether somebody has a second factor, for those who manage the team.
#[component]
pub fn SecondFactorBadge(has: Option<bool>) -> impl IntoView {
    has.map(|has| {
        if has {
            view! { <Badge text="On" tone=Tone::Good /> }
        } else {
            view! { <Badge text="Off" tone=Tone::Neutral /> }
        }
    })
}
