//! Sections of a page.

use leptos::prelude::*;

/// A section with a heading.
#[component]
pub fn Card(
    /// The heading.
    #[prop(into)]
    title: String,
    /// A sentence below it.
    #[prop(optional, into)]
    text: String,
    /// Links or buttons beside the heading.
    #[prop(optional, into)]
    actions: ViewFn,
    /// No space around the content, for tables.
    #[prop(optional)]
    flush: bool,
    /// Takes the whole width of a grid.
    #[prop(optional)]
    wide: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    let class = match (flush, wide) {
        (false, false) => "card",
        (true, false) => "card card-flush",
        (false, true) => "card card-wide",
        (true, true) => "card card-flush card-wide",
    };
    view! {
        <section class=class>
            <header class="card-header">
                <div class="card-heading">
                    <h2>{title}</h2>
                    {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
                </div>
                <div class="card-actions">{actions.run()}</div>
            </header>
            <div class="card-body">{children()}</div>
        </section>
    }
}

/// One figure that matters, with its name.
#[component]
pub fn Stat(
    /// What it counts.
    #[prop(into)]
    label: String,
    /// The figure as people read it.
    #[prop(into)]
    value: String,
    /// A line below it.
    #[prop(optional, into)]
    text: String,
) -> impl IntoView {
    view! {
        <div class="stat">
            <p class="stat-label">{label}</p>
            <p class="stat-value">{value}</p>
            {(!text.is_empty()).then(|| view! { <p class="stat-text">{text}</p> })}
        </div>
    }
}
