//! Title and heading of a page.

use super::{
    icon::{Icon, IconView},
    side,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The title of the browser tab. A page whose title comes with its data has a plain one around it, for while there is none
/// (WCAG 2.2, 2.4.2); the innermost counts. Takes customer data: the framework's own `<Title>` would write it out unescaped.
#[component]
pub fn PageTitle(
    /// What the page is about.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <Title text=side::raw_text(format!("{text} · Foyer"))/> }
}

/// The page's only `h1`, a sentence, and its actions.
#[component]
pub fn PageHeader(
    /// The heading.
    #[prop(into)]
    title: String,
    /// A sentence below it.
    #[prop(optional, into)]
    text: String,
    /// The page above this one: address and name.
    #[prop(optional, into)]
    back: Option<(String, String)>,
    /// The actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-header">
            <div class="page-header-words">
                {back.map(|(href, name)| view! { <a class="page-header-back" href=href><IconView icon=Icon::Back/>{name}</a> })}
                <h1>{title}</h1>
                {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-header-actions">{children()}</div> })}
        </header>
    }
}
