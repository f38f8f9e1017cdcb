//! The ways through the portal. They stand at the side; on a phone they become a bar at the bottom with the four most used
//! pages and the rest behind "More". All of it works without JavaScript.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{
    icon::{Icon, IconView},
    menu::drop_down,
    person::Avatar,
    personal_tabs::is_personal,
    task::BackTo,
};
use crate::{access::Permission, rights::Rights, signin::model::Shell};

/// A page in the navigation.
#[derive(Clone, Copy)]
struct Item {
    href: &'static str,
    label: &'static str,
    icon: Icon,
    permission: Permission,
}

/// All pages, in the order of the menu.
const ITEMS: [Item; 8] = [
    Item { href: "/", label: "Dashboard", icon: Icon::Home, permission: Permission::ViewPortal },
    Item { href: "/usage", label: "Usage", icon: Icon::Chart, permission: Permission::ViewPortal },
    Item { href: "/billing", label: "Billing", icon: Icon::Card, permission: Permission::ViewBilling },
    Item { href: "/team", label: "Team", icon: Icon::Team, permission: Permission::ViewPortal },
    Item { href: "/keys", label: "API keys", icon: Icon::Key, permission: Permission::ViewKeys },
    Item { href: "/support", label: "Support", icon: Icon::Support, permission: Permission::ViewPortal },
    Item { href: "/activity", label: "Activity", icon: Icon::Clock, permission: Permission::ViewActivity },
    Item { href: "/account", label: "Account", icon: Icon::Building, permission: Permission::ViewPortal },
];

/// So many fit beside "More" on the narrowest phone.
const IN_BAR: usize = 4;

fn items_for(rights: Rights) -> Vec<Item> {
    ITEMS.into_iter().filter(|item| rights.can(item.permission)).collect()
}

impl Item {
    /// Whether the page at this path is this one, or one below it. Personal pages are in the menu of the person.
    fn leads_to(self, path: &str) -> bool {
        !is_personal(path)
            && path.strip_prefix(self.href).is_some_and(|below| below.is_empty() || (self.href != "/" && below.starts_with('/')))
    }
}

fn nav_link(item: Item, class: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let current = move || path.with(|path| item.leads_to(path)).then_some("page");
    view! {
        <a href=item.href class=class aria-current=current>
            <IconView icon=item.icon/>
            <span>{item.label}</span>
        </a>
    }
}

/// What is left of the navigation for somebody who may see no page.
#[component]
pub(super) fn WayOut() -> impl IntoView {
    view! {
        <header class="sidebar">
            <Brand/>
            <form method="post" action="/api/signin/out">
                <button type="submit" class="nav-item"><IconView icon=Icon::Out/><span>"Sign out"</span></button>
            </form>
        </header>
    }
}

/// The ways through the portal: at the side, and at the bottom of a phone.
#[component]
pub(super) fn Navigation(
    /// Who is here, and for which customer.
    shell: Shell,
) -> impl IntoView {
    let items = if shell.locked { vec![] } else { items_for(shell.rights) };
    let back = shell.return_to.clone().map(|return_to| view! { <BackTo return_to/> });
    let at_side = items.iter().map(|item| nav_link(*item, "nav-item")).collect_view();
    view! {
        <header class="sidebar">
            <Brand/>
            {back}
            <Switcher shell=shell.clone()/>
            <nav class="sidebar-nav" aria-label="Main">{at_side}</nav>
            <PersonMenu name=shell.person_name email=shell.person_email is_staff=shell.is_staff own=shell.rights.is_own() profile=!shell.locked/>
        </header>
        <BottomBar items/>
    }
}

/// The navigation of a phone.
#[component]
fn BottomBar(
    /// The pages this person may open.
    items: Vec<Item>,
) -> impl IntoView {
    let in_bar = if items.len() <= IN_BAR + 1 { items.len() } else { IN_BAR };
    let shown = items.iter().take(in_bar).map(|item| nav_link(*item, "bottom-item")).collect_view();
    let rest: Vec<Item> = items.into_iter().skip(in_bar).collect();
    let more = (!rest.is_empty()).then(|| {
        let face = view! { <IconView icon=Icon::More/><span>"More"</span> };
        let panel = rest.into_iter().map(|item| nav_link(item, "menu-item")).collect_view();
        drop_down("menu bottom-more", "bottom-item", face.into_any(), panel.into_any())
    });
    view! { <nav class="bottom-bar" aria-label="Main">{shown}{more}</nav> }
}

/// The name of the portal, leading home.
#[component]
pub(super) fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
                <path class="brand-arch" d="M3 22V11a9 9 0 0 1 18 0v11z"></path>
                <path class="brand-door" d="M8.5 22V12a3.5 3.5 0 0 1 7 0v10z"></path>
            </svg>
            <span class="brand-name">"Foyer"</span>
        </a>
    }
}

/// The current customer; with several, a menu to go to another.
#[component]
fn Switcher(
    /// Who is here, and for which customer.
    shell: Shell,
) -> impl IntoView {
    let plan = format!("{} plan · {}", shell.plan.label(), shell.rights.label());
    let current = view! {
        <span class="switcher-words">
            <span class="switcher-name">{shell.customer_name}</span>
            <span class="switcher-text">{plan}</span>
        </span>
    };
    if shell.customers.len() < 2 {
        return view! { <div class="switcher">{current}</div> }.into_any();
    }
    let choices = shell
        .customers
        .into_iter()
        .map(|choice| {
            let here = choice.id == shell.customer_id;
            view! {
                <form method="post" action="/api/signin/switch">
                    <input type="hidden" name="customer_id" value=choice.id.to_string()/>
                    <button type="submit" class="menu-item" aria-current=here.then_some("true")>
                        <span class="menu-item-words"><span>{choice.name}</span><small>{choice.role.label()}</small></span>
                        {here.then(|| view! { <IconView icon=Icon::Check/> })}
                    </button>
                </form>
            }
        })
        .collect_view();
    let face = view! { {current}<IconView icon=Icon::Swap/><span class="sr-only">"Switch company"</span> };
    let panel = view! { <p class="menu-heading">"Companies"</p>{choices} };
    drop_down("menu switcher", "switcher-summary", face.into_any(), panel.into_any()).into_any()
}

/// The person, and the way out.
#[component]
pub(super) fn PersonMenu(
    /// Name.
    name: String,
    /// Address.
    email: String,
    /// Whether they signed in: only then are their sessions and their profile open to them.
    own: bool,
    /// Whether they also work for the SaaS itself.
    #[prop(optional)]
    is_staff: bool,
    /// Whether their sessions are a page of another frame.
    #[prop(optional)]
    leaves_frame: bool,
    /// Whether they are in the portal, where their profile is.
    #[prop(optional)]
    profile: bool,
) -> impl IntoView {
    let face = view! {
        <Avatar name=name.clone() small=true/>
        <span class="person-words">
            <span class="person-name">{name.clone()}</span>
            <span class="person-text">{if email.is_empty() { "Guest".to_owned() } else { email.clone() }}</span>
        </span>
        <IconView icon=Icon::ChevronDown/>
    };
    let panel = view! {
        <p class="menu-heading">{name}<small>{email}</small></p>
        {(own && profile).then(|| view! { <a class="menu-item" href="/account/profile"><IconView icon=Icon::User/><span>"Your profile"</span></a> })}
        {is_staff.then(|| view! { <a class="menu-item" href="/staff/tickets"><IconView icon=Icon::Inbox/><span>"Staff tickets"</span></a> })}
        {own.then(|| view! {
            <a class="menu-item" href="/account/sessions" rel=leaves_frame.then_some("external")>
                <IconView icon=Icon::Lock/><span>"Where you are signed in"</span>
            </a>
            <a class="menu-item" href="/account/second-factor" rel=leaves_frame.then_some("external")>
                <IconView icon=Icon::Key/><span>"Second factor"</span>
            </a>
        })}
        <form method="post" action="/api/signin/out">
            <button type="submit" class="menu-item"><IconView icon=Icon::Out/><span>"Sign out"</span></button>
        </form>
    };
    drop_down("menu person-menu", "person-summary", face.into_any(), panel.into_any())
}
