//! Tables of records. On a phone every row becomes a card; each cell then shows its `data-label`.

use leptos::prelude::*;

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    label: String,
    class: &'static str,
}

impl Head {
    /// A column of words.
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), class: "" }
    }

    /// A column of figures, aligned at the right.
    pub fn number(label: impl Into<String>) -> Self {
        Self { label: label.into(), class: "number" }
    }

    /// The column of buttons; its head is only read aloud.
    pub fn actions() -> Self {
        Self { label: "Actions".to_owned(), class: "actions" }
    }
}

/// A table; the children are the rows, each with `<th scope="row" data-label="…">` and `<td data-label="…">`.
#[component]
pub fn Table(
    /// What the table lists, read aloud.
    #[prop(into)]
    caption: String,
    /// One per column.
    heads: Vec<Head>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let heads = heads
        .into_iter()
        .map(|head| {
            let hidden = (head.class == "actions").then_some("sr-only");
            view! { <th scope="col" class=head.class><span class=hidden>{head.label}</span></th> }
        })
        .collect_view();
    view! {
        <table class="table">
            <caption class="sr-only">{caption}</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{children()}</tbody>
        </table>
    }
}
