//! What sessions that the SaaS opened need: the way back to it, the frame around a single task, and pages that show only
//! what the session may do.

use super::{
    fetch::Fetch,
    icon::{Icon, IconView},
    layout::Main,
    side::page_is_about,
    toast::{ToastRegion, provide_toast},
};
use crate::{access::Permission, portal_sessions::model::ReturnTo, rights::Rights, signin::model::Shell};
use leptos::prelude::*;

/// Leads back to where the person came from: an address that the server has checked.
#[component]
pub(super) fn BackTo(
    /// Where that is.
    return_to: ReturnTo,
) -> impl IntoView {
    view! { <a class="back-to" href=return_to.url rel="external noreferrer"><IconView icon=Icon::Back/><span>{format!("Back to {}", return_to.host)}</span></a> }
}

/// One task and nothing else: for sessions that the SaaS opened for it.
#[component]
pub fn TaskLayout(
    /// Who is here, and for which customer.
    shell: Fetch<Shell>,
    /// The page.
    children: Children,
) -> impl IntoView {
    provide_toast();
    let header = move || {
        Suspend::new(async move {
            let header = shell.ready().await.ok().map(|shell| {
                page_is_about(Some(shell.about()));
                let back = shell.return_to.map(|return_to| view! { <BackTo return_to/> });
                view! {
                    {back}
                    <span class="task-customer">{shell.customer_name}</span>
                }
            });
            header.into_any()
        })
    };
    view! {
        <div class="task">
            <header class="task-header"><Transition fallback=|| ()>{header}</Transition></header>
            <Main>{children()}</Main>
            <ToastRegion/>
        </div>
    }
}

/// Shows its children to those who may do this, as the frame around the page knows it.
#[component]
pub fn Allowed(
    /// What it takes.
    permission: Permission,
    /// What the others do not see.
    children: ChildrenFn,
) -> impl IntoView {
    shown_to(move |rights| rights.can(permission), children)
}

/// Shows its children to people who signed in, and not in a session that the SaaS opened.
#[component]
pub fn SignedInHere(
    /// What the others do not see.
    children: ChildrenFn,
) -> impl IntoView {
    shown_to(Rights::is_own, children)
}

fn shown_to(passes: impl Fn(Rights) -> bool + Copy + Send + Sync + 'static, children: ChildrenFn) -> impl IntoView {
    let shell = use_context::<Fetch<Shell>>();
    let shown = move || {
        let children = children.clone();
        Suspend::new(async move {
            let rights = match shell {
                Some(shell) => shell.ready().await.ok().map(|shell| shell.rights),
                None => None,
            };
            rights.is_some_and(passes).then(|| children()).into_any()
        })
    };
    view! { <Transition fallback=|| ()>{shown}</Transition> }
}
