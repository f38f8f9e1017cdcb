//! The way between the pages of what is a person's own.

use leptos::prelude::*;

/// The pages: address and name, in their order.
const PAGES: [(&str, &str); 5] = [
    ("/account/profile", "Profile"),
    ("/account/password", "Password"),
    ("/account/sessions", "Sessions"),
    ("/account/second-factor", "Second factor"),
    ("/account/passkeys", "Passkeys"),
];

/// Whether the page at this path is about the person and not about the company.
pub(super) fn is_personal(path: &str) -> bool {
    PAGES.iter().any(|(href, _)| *href == path)
}

/// The row of links below the heading of such a page.
#[component]
pub fn PersonalTabs(
    /// The address of this page.
    current: &'static str,
) -> impl IntoView {
    let tabs = PAGES.map(|(href, name)| view! { <a href=href aria-current=(href == current).then_some("page")>{name}</a> });
    view! { <nav class="tabs" aria-label="Your own settings">{tabs.into_iter().collect_view()}</nav> }
}
