//! Keys and their rules.

mod forms;
#[cfg(feature = "ssr")]
mod life;
mod limits;
mod page;
#[cfg(feature = "ssr")]
mod refusal;
#[cfg(feature = "ssr")]
mod search;
mod secret;
mod state;

pub use forms::{KeyForm, LimitsForm, OverlapForm, RenameForm, RevokeForm, RotateForm};
#[cfg(feature = "ssr")]
pub use forms::{Limits, NewKey, reason, same_end};
#[cfg(feature = "ssr")]
pub use life::Life;
#[cfg(feature = "ssr")]
pub use limits::networks;
pub use limits::{Catalogue, CatalogueEntry, KeyScope, MOST_NETWORKS, calls_per_minute, readable};
#[cfg(feature = "ssr")]
pub use page::states;
pub use page::{Choices, CreatedKey, Key, KeyDetail, KeyList, MadeKey, Mend, OldUse, Refused, RefusedFrom, Related, STATE_FILTERS};
#[cfg(feature = "ssr")]
pub use refusal::{CallsFrom, ROWS_OF_A_REASON, Recorded, calls, explain, more_addresses};
#[cfg(feature = "ssr")]
pub use search::Search;
#[cfg(feature = "ssr")]
pub use secret::masked;
pub use secret::{Brand, Environment, Secret};
pub use state::{Expiry, KeyState, Overlap};

/// The word of a form that lets a key do everything.
pub const ACCESS_ALL: &str = "all";

/// The word of a form that limits a key to chosen scopes.
pub const ACCESS_CHOSEN: &str = "chosen";
