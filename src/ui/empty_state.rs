//! What a list says before it has rows: what the thing is, and how to get the first one.

use super::icon::{Icon, IconView};
use leptos::prelude::*;

/// An empty list.
#[component]
pub fn EmptyState(
    /// That there is none yet.
    #[prop(into)]
    title: String,
    /// What it is for.
    #[prop(into)]
    text: String,
    /// A picture of it.
    #[prop(default = Icon::Inbox)]
    icon: Icon,
    /// The action that makes the first one.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <span class="empty-state-icon"><IconView icon/></span>
            <p class="empty-state-title">{title}</p>
            <p class="empty-state-text">{text}</p>
            {children.map(|children| view! { <div class="empty-state-action">{children()}</div> })}
        </div>
    }
}
