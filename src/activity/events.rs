//! What activity itself leaves in the trail.

use super::{export::Format, filter::Filter};
use crate::server::audit::Event;

/// Entries were exported.
pub(super) fn exported(format: Format, filter: &Filter, rows: i64) -> Event {
    Event::new("activity.exported", format.label()).detail("format", format.as_str()).detail("filter", filter.words()).detail("rows", rows)
}
