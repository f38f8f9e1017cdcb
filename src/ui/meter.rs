//! How much of a limit is used: as a bar, in colour, and in words.

use crate::number::{compact, percent};
use leptos::prelude::*;

/// From here on the limit is near, in per cent.
const NEAR: i64 = 80;

/// Says how much something is.
type Amount = fn(i64) -> String;

/// How it stands with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fine,
    Near,
    Reached,
    Over,
}

impl State {
    fn of(used: i64, limit: i64) -> Self {
        match percent(used, limit) {
            _ if used > limit => Self::Over,
            100.. => Self::Reached,
            NEAR..100 => Self::Near,
            _ => Self::Fine,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Fine => "meter meter-fine",
            Self::Near => "meter meter-near",
            Self::Reached | Self::Over => "meter meter-over",
        }
    }
}

fn figures(used: i64, limit: i64, amount: Amount) -> String {
    format!("{} / {} ({}%)", amount(used), amount(limit), percent(used, limit))
}

fn words(used: i64, limit: i64, amount: Amount) -> String {
    match State::of(used, limit) {
        State::Fine => format!("{} left", amount(limit.saturating_sub(used))),
        State::Near => format!("Close to the limit: {} left", amount(limit.saturating_sub(used))),
        State::Reached => "Limit reached".to_owned(),
        State::Over => format!("Over the limit by {}", amount(used.saturating_sub(limit))),
    }
}

/// A meter.
#[component]
pub fn Meter(
    /// What is used.
    #[prop(into)]
    label: String,
    /// How much of it.
    #[prop(into)]
    used: Signal<i64>,
    /// How much may be used.
    #[prop(into)]
    limit: Signal<i64>,
    /// How both are said, such as `storage`.
    #[prop(default = compact)]
    amount: Amount,
    /// A line below it, such as a link to a larger plan.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let both = move || (used.get(), limit.get());
    let state = move || {
        let (used, limit) = both();
        State::of(used, limit).class()
    };
    let figures = move || {
        let (used, limit) = both();
        figures(used, limit, amount)
    };
    let words = move || {
        let (used, limit) = both();
        words(used, limit, amount)
    };
    let width = move || {
        let (used, limit) = both();
        percent(used, limit).clamp(0, 100).to_string()
    };
    let spoken = move || format!("{}, {}", figures(), words());
    view! {
        <div class=state>
            <div class="meter-head">
                <span class="meter-label">{label.clone()}</span>
                <span class="meter-figures">{figures}</span>
            </div>
            <div role="meter" aria-label=label aria-valuemin="0" aria-valuenow=move || used.get().min(limit.get()).to_string()
                aria-valuemax=move || limit.get().to_string() aria-valuetext=spoken>
                <svg class="meter-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="meter-track" width="100" height="8"></rect>
                    <rect class="meter-fill" width=width height="8"></rect>
                </svg>
            </div>
            <div class="meter-foot">
                <p class="meter-words">{words}</p>
                {children.map(|children| children())}
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::storage;

    #[test]
    fn the_demo_customer_is_close_to_the_limit() {
        assert_eq!(figures(450_000, 500_000, compact), "450K / 500K (90%)");
        assert_eq!(words(450_000, 500_000, compact), "Close to the limit: 50K left");
    }

    #[test]
    fn every_state_has_its_words() {
        assert_eq!(words(1_200, 50_000, storage), "48.8 GB left");
        assert_eq!(words(3, 3, compact), "Limit reached");
        assert_eq!(words(620_000, 500_000, compact), "Over the limit by 120K");
        assert_eq!(words(0, 0, compact), "Limit reached");
    }
}
