//! Times and days: short to read, exact on hover and for machines.

use crate::when::{Day, When};
use leptos::prelude::*;

/// A moment: the distance from now, with the exact UTC time on hover.
#[component]
pub fn Time(
    /// The moment.
    when: When,
) -> impl IntoView {
    view! { <time datetime=when.iso title=when.exact>{when.relative}</time> }
}

/// A calendar day.
#[component]
pub fn Date(
    /// The day.
    day: Day,
) -> impl IntoView {
    view! { <time datetime=day.iso class="nowrap">{day.text}</time> }
}
