//! Paging through a list; the page stands in the address.

use super::icon::{Icon, IconView};
use crate::number::grouped;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Parameters that belong to one answer and not to the list.
const PASSING: [&str; 4] = ["page", "done", "__path", "__err"];

/// Links to the pages around this one. Draws nothing when one page holds the whole list.
#[component]
pub fn Pager(
    /// This page, from 1.
    number: u32,
    /// Rows on a full page.
    per_page: u32,
    /// Rows of the whole list.
    total: i64,
) -> impl IntoView {
    let per_page = i64::from(per_page.max(1));
    let last = u32::try_from((total.max(1) - 1) / per_page + 1).unwrap_or(u32::MAX);
    if last <= 1 {
        return ().into_any();
    }
    let from = (i64::from(number) - 1) * per_page + 1;
    let to = (from + per_page - 1).min(total);
    let href = page_links();
    let link = |to: Option<u32>, words: &'static str, icon: Icon, class: &'static str| {
        let face = view! { <IconView icon/><span>{words}</span> };
        match to {
            Some(to) => view! { <a class=class href=href(to)>{face}</a> }.into_any(),
            None => view! { <span class=class aria-disabled="true">{face}</span> }.into_any(),
        }
    };
    let before = number.checked_sub(1).filter(|page| *page >= 1).map(|page| page.min(last));
    let after = number.checked_add(1).filter(|page| *page <= last);
    view! {
        <nav class="pager" aria-label="Pages">
            <p class="pager-count">
                {if from > total { format!("Page {} of {}", grouped(number.into()), grouped(last.into())) } else { format!("{}–{} of {}", grouped(from), grouped(to), grouped(total)) }}
            </p>
            {link(before, "Previous", Icon::Back, "pager-link")}
            {link(after, "Next", Icon::Arrow, "pager-link pager-next")}
        </nav>
    }
    .into_any()
}

/// Makes the address of a page out of the current one.
fn page_links() -> impl Fn(u32) -> String {
    let query = use_query_map().get_untracked();
    move |page| {
        let mut query = query.clone();
        for name in PASSING {
            query.remove(name);
        }
        query.insert("page", page.to_string());
        query.to_query_string()
    }
}
