//! Short states and messages in the flow of a page. The words carry the meaning, the colour repeats it.

use super::icon::{Icon, IconView};
use leptos::prelude::*;

/// How something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Just so.
    #[default]
    Neutral,
    /// As it should be.
    Good,
    /// Needs attention soon.
    Warn,
    /// Needs attention now.
    Bad,
    /// Worth knowing.
    Info,
    /// Ours: plans, highlights.
    Accent,
}

impl Tone {
    /// The class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Good => "tone-good",
            Self::Warn => "tone-warn",
            Self::Bad => "tone-bad",
            Self::Info => "tone-info",
            Self::Accent => "tone-accent",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Good => Icon::Check,
            Self::Warn | Self::Bad => Icon::Warning,
            Self::Neutral | Self::Info | Self::Accent => Icon::Info,
        }
    }
}

/// A state in one or two words.
#[component]
pub fn Badge(
    /// The words.
    #[prop(into)]
    text: String,
    /// The colour beside them.
    #[prop(optional)]
    tone: Tone,
) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())>{text}</span> }
}

/// A box in the flow of the page that says something before the rest is read.
#[component]
pub fn Notice(
    /// What it is about.
    #[prop(optional)]
    tone: Tone,
    /// The first line, in bold.
    #[prop(optional, into)]
    title: String,
    /// The rest: sentences, links, buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=format!("notice {}", tone.class())>
            <IconView icon=tone.icon()/>
            <div class="notice-body">
                {(!title.is_empty()).then(|| view! { <p class="notice-title">{title}</p> })}
                {children.map(|children| children())}
            </div>
        </div>
    }
}
