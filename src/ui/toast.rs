//! Short notices of what was done. With JavaScript they appear at once and go after a while; a plain form post comes back
//! with `?done=…` and the notice stands in the page.

use super::{
    Done,
    icon::{Icon, IconView},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};
use std::time::Duration;

/// Long enough to read the longest sentence twice.
const SHOWN: Duration = Duration::from_secs(8);

/// Shows notices.
#[derive(Clone, Copy)]
pub struct Toast {
    shown: RwSignal<Vec<(u64, String)>>,
    next: StoredValue<u64>,
}

impl Toast {
    fn new() -> Self {
        Self { shown: RwSignal::new(Vec::new()), next: StoredValue::new(1) }
    }

    /// Shows a sentence. Only in the browser.
    pub fn show(&self, text: impl Into<String>) {
        let toast = *self;
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.shown.update(|shown| shown.push((id, text.into())));
        set_timeout(move || toast.dismiss(id), SHOWN);
    }

    /// Says what was done. Only in the browser.
    pub fn done(&self, done: Done) {
        self.show(done.text());
    }

    fn dismiss(&self, id: u64) {
        _ = self.shown.try_update(|shown| shown.retain(|(other, _)| *other != id));
    }
}

/// Makes [`use_toast`] work for everything below the calling component.
pub fn provide_toast() {
    if use_context::<Toast>().is_none() {
        provide_context(Toast::new());
    }
}

/// The notices of this page.
pub fn use_toast() -> Toast {
    use_context::<Toast>().unwrap_or_else(Toast::new)
}

/// Where notices appear; once per page, part of every layout.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toast = use_toast();
    let query = use_query_map();
    let done = move || query.with(|query| query.get_str("done").and_then(Done::parse));
    let stated = RwSignal::new(done_untracked(query));
    let location = use_location();
    let navigate = use_navigate();
    Effect::new(move |earlier: Option<()>| {
        let Some(done) = done() else { return };
        if earlier.is_some() {
            toast.done(done);
        } else {
            set_timeout(move || _ = stated.try_set(None), SHOWN);
        }
        // The address forgets what was done, so that a reload does not say it again.
        let path = location.pathname.get_untracked();
        let rest = query.with_untracked(|query| {
            let mut query = query.clone();
            query.remove("done");
            query.to_query_string()
        });
        navigate(&format!("{path}{rest}"), NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    });
    view! {
        <div class="toasts" role="status" aria-live="polite">
            {move || stated.get().map(|done| toast_view(done.text().to_owned(), move || stated.set(None)))}
            <For each=move || toast.shown.get() key=|(id, _)| *id let:shown>
                {toast_view(shown.1, move || toast.dismiss(shown.0))}
            </For>
        </div>
    }
}

fn done_untracked(query: Memo<leptos_router::params::ParamsMap>) -> Option<Done> {
    query.with_untracked(|query| query.get_str("done").and_then(Done::parse))
}

fn toast_view(text: String, dismiss: impl Fn() + 'static) -> impl IntoView {
    view! {
        <div class="toast">
            <IconView icon=Icon::Check/>
            <p>{text}</p>
            <button type="button" class="toast-close needs-script" aria-label="Dismiss" on:click=move |_| dismiss()>
                <IconView icon=Icon::Close/>
            </button>
        </div>
    }
}
