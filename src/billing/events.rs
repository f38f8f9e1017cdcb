//! What billing leaves in the trail.

use crate::billing::model::PlanPreview;
use crate::server::audit::Event;

/// The plan was changed: from, to and both monthly prices.
pub(crate) fn plan_changed(change: &PlanPreview) -> Event {
    Event::new("plan.changed", change.to.label())
        .detail("before", change.from.as_str())
        .detail("after", change.to.as_str())
        .detail("price_before", change.price_before.to_string())
        .detail("price_after", change.price_after.to_string())
}
