//! What to do about a right that one does not have. The slice of access requests knows how to ask; the application tells
//! the components about it, which know no slice.

use super::task::SignedInHere;
use crate::access::Permission;
use leptos::prelude::*;

/// Shows who has a right and lets the person ask for it; provided as context by the application.
#[derive(Clone, Copy)]
pub struct AskView(pub fn(Permission) -> AnyView);

impl AskView {
    /// The view for a right, where the application has provided one.
    pub fn of(permission: Permission) -> Option<AnyView> {
        use_context::<Self>().map(|Self(view)| view(permission))
    }
}

/// In the place of an action that the role does not include: who may do it, and how to ask. Nothing in a session that the
/// SaaS opened, where a role can be asked for as little.
#[component]
pub fn AskLink(
    /// The right.
    permission: Permission,
) -> impl IntoView {
    let href = format!("/requests/{}", permission.as_str());
    view! { <SignedInHere><a href=href.clone()>"Ask for it"<span class="sr-only">": "{permission.sentence()}</span></a></SignedInHere> }
}
