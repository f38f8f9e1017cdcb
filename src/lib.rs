//! Foyer: a self-service customer portal for B2B SaaS, compiled twice: for the server and for the browser.
#![recursion_limit = "256"]
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")
)]

pub mod access;
pub mod account;
pub mod activity;
pub mod app;
pub mod billing;
pub mod data;
pub mod error;
pub mod field;
pub mod home;
pub mod ids;
pub mod keys;
pub mod links;
pub mod money;
pub mod number;
pub mod page;
mod page_about;
mod page_groups;
pub mod passkeys;
pub mod plan;
pub mod portal_sessions;
pub mod profile;
pub mod requests;
pub mod rights;
pub mod second_factor;
pub mod secret;
#[cfg(feature = "ssr")]
pub mod server;
pub mod service_tokens;
pub mod signin;
pub mod sso;
pub mod staff;
pub mod support;
pub mod team;
pub mod typed;
pub mod ui;
pub mod usage;
#[cfg(feature = "ssr")]
pub mod verification;
pub mod when;

/// Takes over the page that the server rendered, once the part with its view has come.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    if !ui::is_at_its_address() {
        return ui::reload();
    }
    ui::watch_leaving();
    wasm_bindgen_futures::spawn_local(async {
        leptos::mount::hydrate_from_async(leptos::tachys::dom::body(), app::App).await.forget();
        ui::keep_focus();
        ui::mark_hydrated();
        page_groups::load_later();
    });
}
