//! What pages are made of: components without data access, the same in looks and behaviour on every page.
//!
//! Each one renders complete HTML on the server and needs no JavaScript for its purpose. To add one: a file here, a
//! style file of the same name in `style/`, and a `pub use` below.

mod ask;
mod badge;
mod button;
mod card;
mod chart;
mod confirm;
mod copy;
mod dialog;
mod done;
mod empty_state;
#[cfg_attr(feature = "ssr", path = "fetch_server.rs")]
#[cfg_attr(not(feature = "ssr"), path = "fetch_browser.rs")]
mod fetch;
mod field;
mod filter_form;
#[cfg_attr(feature = "ssr", path = "focus_server.rs")]
#[cfg_attr(not(feature = "ssr"), path = "focus_browser.rs")]
mod focus;
mod form;
mod form_action;
mod icon;
pub mod layout;
mod load;
mod menu;
mod meter;
#[cfg_attr(feature = "ssr", path = "modal_server.rs")]
#[cfg_attr(not(feature = "ssr"), path = "modal_browser.rs")]
mod modal;
mod navigation;
mod page_frame;
mod pager;
mod person;
mod personal_tabs;
#[cfg_attr(feature = "ssr", path = "side_server.rs")]
#[cfg_attr(not(feature = "ssr"), path = "side_browser.rs")]
mod side;
mod table;
mod task;
mod time;
mod toast;

pub use ask::{AskLink, AskView};
pub use badge::{Badge, Notice, Tone};
pub use button::{Button, ButtonKind, ButtonLink, SubmitButton};
pub use card::{Card, Stat};
pub use chart::{Bar, BarChart, Sparkline};
pub use confirm::{ConfirmForm, DialogForm, PostButton};
pub use copy::{CopyButton, CopyField, SecretField};
pub use dialog::{Dialog, DialogCancel};
pub use done::Done;
pub use empty_state::EmptyState;
pub use fetch::{Fetch, ask_again};
pub use field::{CheckField, SearchField, SelectField, TextArea, TextField};
pub use filter_form::{FilterActions, FilterForm};
#[cfg(feature = "hydrate")]
pub use focus::keep_focus;
pub use focus::{Focused, focus_first};
pub use form::{ErrorNotice, FormError, FormState};
pub use form_action::{FormAction, PostForm};
pub use icon::{Icon, IconView};
pub use layout::{FrameVersion, NarrowLayout, NotFoundPage, PortalLayout, StaffLayout};
pub use load::{Load, Skeleton};
pub use menu::Menu;
pub use meter::Meter;
pub use page_frame::{PageHeader, PageTitle};
pub use pager::Pager;
pub use person::{Avatar, Person};
pub use personal_tabs::PersonalTabs;
pub use side::{go, hold_page, kept_error, of_page, page_is_about, print, set_status};
#[cfg(feature = "hydrate")]
pub use side::{is_at_its_address, is_hydrated, mark_hydrated, reload, watch_leaving};
pub use table::{Head, Table};
pub use task::{Allowed, SignedInHere, TaskLayout};
pub use time::{Date, Time};
pub use toast::{Toast, ToastRegion, provide_toast, use_toast};
