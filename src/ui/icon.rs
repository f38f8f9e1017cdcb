//! Icons, drawn on a grid of 20 by 20 with a line of 1.5. They repeat what words say, so they are hidden from screen readers.

use leptos::prelude::*;

/// The icons.
#[expect(missing_docs, reason = "the names are what they show")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Home,
    Chart,
    Card,
    Team,
    Key,
    Support,
    Building,
    Settings,
    Plus,
    Trash,
    Rotate,
    Copy,
    Check,
    Warning,
    Info,
    Download,
    Arrow,
    Back,
    ChevronDown,
    Close,
    More,
    Search,
    Mail,
    Out,
    Swap,
    External,
    Clock,
    Lock,
    Pencil,
    Upgrade,
    Inbox,
    User,
    Bell,
    List,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Home => "M3 9.3 10 3.2l7 6.1V16a1 1 0 0 1-1 1h-3.6v-4.8H7.6V17H4a1 1 0 0 1-1-1z",
            Self::Chart => "M4 16.5V11M8 16.5V7.5M12 16.5v-4M16 16.5v-13",
            Self::Card => "M3.5 4.5h13a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM2.5 8.3h15M5.5 12.3h3",
            Self::Team => {
                "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.5c.4-2.8 2.6-4.5 5.5-4.5s5.1 1.7 5.5 4.5M13 3.8a3 3 0 0 1 0 5.4M15 12.4c1.6.7 2.7 2.1 3 4.1"
            }
            Self::Key => "M6.5 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 10h7.5v3M14.3 10v2.3",
            Self::Support => {
                "M4 3.5h12A1.5 1.5 0 0 1 17.5 5v7.5A1.5 1.5 0 0 1 16 14h-5.5L7 17.2V14H4a1.5 1.5 0 0 1-1.5-1.5V5A1.5 1.5 0 0 1 4 3.5zM6.5 7.3h7M6.5 10.3h4.5"
            }
            Self::Building => "M4 17V4.5a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1V17M12 8h3a1 1 0 0 1 1 1v8M2.5 17h15M7 7h2M7 10h2M7 13h2",
            Self::Settings => {
                "M3 6h8M15.5 6H17M13.2 8.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM3 14h1.5M9 14h8M6.8 16.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z"
            }
            Self::Plus => "M10 4v12M4 10h12",
            Self::Trash => "M3.5 5.5h13M8 5.2V3.5h4v1.7M5.5 5.5l.7 10.1a1 1 0 0 0 1 .9h5.6a1 1 0 0 0 1-.9l.7-10.1M8.5 9v4.2M11.5 9v4.2",
            Self::Rotate => "M16.2 7.2A6.8 6.8 0 1 0 16.8 10M16.6 3.4v3.9h-3.9",
            Self::Copy => "M8 7.5h7.5a1 1 0 0 1 1 1V16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V8.5a1 1 0 0 1 1-1zM3.5 12.5V4.5a1 1 0 0 1 1-1h8",
            Self::Check => "M4 10.6l4 4 8-9",
            Self::Warning => "M10 3.5 17.7 16.5H2.3zM10 8.5v3.6M10 14.3v.1",
            Self::Info => "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 9.5v4M10 6.7v.1",
            Self::Download => "M10 3.5v9M6.5 9l3.5 3.5L13.5 9M4 16.5h12",
            Self::Arrow => "M4 10h12M11.5 5.5 16 10l-4.5 4.5",
            Self::Back => "M16 10H4M8.5 5.5 4 10l4.5 4.5",
            Self::ChevronDown => "M5.5 8l4.5 4.5L14.5 8",
            Self::Close => "M5 5l10 10M15 5 5 15",
            Self::More => "M4.5 10v.1M10 10v.1M15.5 10v.1",
            Self::Search => "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zM13.5 13.5 17 17",
            Self::Mail => "M3.5 4.5h13a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM3 6l7 5.2L17 6",
            Self::Out => "M8 3.5H4.5a1 1 0 0 0-1 1v11a1 1 0 0 0 1 1H8M8 10h9M13.5 6.5 17 10l-3.5 3.5",
            Self::Swap => "M6.8 7.7 10 4.5l3.2 3.2M6.8 12.3l3.2 3.2 3.2-3.2",
            Self::External => "M11.5 3.5h5v5M16.5 3.5 9 11M8 4.5H4.5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V12",
            Self::Clock => "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l2.5 2",
            Self::Lock => "M5.5 9h9a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1zM7 9V6.5a3 3 0 0 1 6 0V9",
            Self::Pencil => "M3.5 16.5l.8-3.6 9.3-9.3 2.8 2.8-9.3 9.3zM11.5 5.7l2.8 2.8",
            Self::Upgrade => "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 13.5v-7M7 9.5l3-3 3 3",
            Self::Inbox => "M2.5 11.5l2.3-7h10.4l2.3 7v4a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1zM2.5 11.5h4.3l1.2 2h4l1.2-2h4.3",
            Self::User => "M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 16.5c.5-2.9 2.9-4.5 6-4.5s5.5 1.6 6 4.5",
            Self::Bell => {
                "M10 3a4.5 4.5 0 0 0-4.5 4.5c0 4-1.5 5.5-1.5 5.5h12s-1.5-1.5-1.5-5.5A4.5 4.5 0 0 0 10 3zM8.3 16a1.8 1.8 0 0 0 3.4 0"
            }
            Self::List => "M7 5.5h10M7 10h10M7 14.5h10M3.5 5.5v.1M3.5 10v.1M3.5 14.5v.1",
        }
    }
}

/// An icon in the size and colour of the words around it.
#[component]
pub fn IconView(
    /// Which one.
    icon: Icon,
) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d=icon.path()></path></svg> }
}
