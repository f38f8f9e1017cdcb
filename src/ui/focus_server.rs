//! Only in a browser something has the focus; `focus_browser.rs` is the other half.

use leptos::web_sys;

/// A control that had the focus; there is none.
pub struct Focused;

impl Focused {
    /// Nothing.
    pub fn now() -> Option<Self> {
        None
    }

    /// There is nothing to give back.
    pub fn restore(&self) -> bool {
        false
    }
}

/// Nothing to move.
pub fn focus_first_invalid(_inside: &web_sys::Element) {}

/// Nothing to move.
pub fn focus_first(_inside: &web_sys::Element) {}
