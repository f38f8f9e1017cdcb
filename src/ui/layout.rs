//! The frames around pages: the portal's with its navigation, a narrow one for sign-in, and the staff's.

use super::{
    fetch::Fetch,
    icon::{Icon, IconView},
    navigation::{Brand, Navigation, PersonMenu, WayOut},
    side::{follow_history, page_is_about},
    toast::{ToastRegion, provide_toast},
};
use crate::{signin::model::Shell, staff::model::StaffPerson};
use leptos::{html, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

/// Counts the changes of what the frame shows: the company's name, its plan.
#[derive(Clone, Copy)]
pub struct FrameVersion(RwSignal<usize>);

impl FrameVersion {
    /// For the frame, which reads its data anew whenever this changes.
    pub fn provide() -> Signal<usize> {
        let version = RwSignal::new(0);
        provide_context(Self(version));
        version.into()
    }

    /// For a page: the frame is stale after each answer of this action.
    pub fn follow(answers: Signal<usize>) {
        let Some(Self(version)) = use_context() else { return };
        Effect::new(move |earlier: Option<usize>| {
            let answers = answers.get();
            if earlier.is_some_and(|earlier| earlier != answers) {
                version.update(|version| *version += 1);
            }
            answers
        });
    }
}

/// The portal around its pages. The page stands outside of what waits for the person's data: inside of it the server
/// would render the page, and read its data, twice.
#[component]
pub fn PortalLayout(
    /// Who is here, and for which customer.
    shell: Fetch<Shell>,
    /// The page.
    children: Children,
) -> impl IntoView {
    provide_toast();
    let navigation = move || {
        Suspend::new(async move {
            match shell.ready().await {
                Ok(shell) => {
                    page_is_about(Some(shell.about()));
                    view! { <Navigation shell/> }.into_any()
                }
                Err(_) => view! { <WayOut/> }.into_any(),
            }
        })
    };
    let waiting = || view! { <header class="sidebar"><Brand/></header> };
    view! {
        <div class="portal">
            <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
            <Transition fallback=waiting>{navigation}</Transition>
            <Main>{children()}</Main>
            <ToastRegion/>
        </div>
    }
}

/// The content. After a change of page inside the browser it takes the focus, as a new document would.
#[component]
pub(super) fn Main(children: Children) -> impl IntoView {
    let navigate = use_navigate();
    follow_history(move |address| navigate(address, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() }));
    let main = NodeRef::<html::Main>::new();
    let path = use_location().pathname;
    Effect::new(move |earlier: Option<String>| {
        let path = path.get();
        if let (Some(main), Some(earlier)) = (main.get_untracked(), earlier)
            && earlier != path
        {
            _ = main.focus();
        }
        path
    });
    view! { <main class="content" id="main" tabindex="-1" node_ref=main>{children()}</main> }
}

/// A page on its own: sign-in, invitation, password. The children bring their `h1`.
#[component]
pub fn NarrowLayout(
    /// The page.
    children: Children,
) -> impl IntoView {
    provide_toast();
    view! {
        <div class="narrow">
            <header class="narrow-header"><Brand/></header>
            <main class="narrow-card" id="main" tabindex="-1">{children()}</main>
            <ToastRegion/>
        </div>
    }
}

/// The pages of the SaaS's own people.
#[component]
pub fn StaffLayout(
    /// Who is here; to customers' people the staff's pages do not exist, and neither does their header.
    person: Fetch<StaffPerson>,
    /// The page.
    children: Children,
) -> impl IntoView {
    provide_toast();
    let header = move || {
        Suspend::new(async move {
            let header = person.ready().await.ok().map(|person| {
                page_is_about(Some(person.about()));
                view! { <StaffHeader person/> }
            });
            header.into_any()
        })
    };
    view! {
        <div class="staff">
            <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
            <Transition fallback=|| ()>{header}</Transition>
            <Main>{children()}</Main>
            <ToastRegion/>
        </div>
    }
}

/// The ways through the staff's pages.
#[component]
fn StaffHeader(
    /// Who is here.
    person: StaffPerson,
) -> impl IntoView {
    view! {
        <header class="staff-header">
            <Brand/>
            <span class="badge tone-accent">"Staff"</span>
            <nav class="staff-nav" aria-label="Main"><a href="/staff/tickets" class="nav-item" aria-current="page"><IconView icon=Icon::Inbox/><span>"Tickets"</span></a></nav>
            <PersonMenu name=person.name email=person.email own=true leaves_frame=true/>
        </header>
    }
}

/// What an address without a page shows.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    super::side::set_status(404);
    view! {
        <super::PageTitle text="Page not found"/>
        <NarrowLayout>
            <h1>"Page not found"</h1>
            <p>"There is no page at this address. It may have been moved, or the link is incomplete."</p>
            <p><a class="button button-primary" href="/">"Go to the dashboard"</a></p>
        </NarrowLayout>
    }
}
