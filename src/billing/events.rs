//! What billing leaves in the trail.

use crate::billing::model::PlanPreview;
use crate::server::audit::Event;

/// The plan was changed, and with it the price of a month.
pub(crate) fn plan_changed(change: &PlanPreview) -> Event {
    Event::new("plan.changed", change.to.label()).change("plan", change.from.as_str(), change.to.as_str()).change(
        "price",
        change.price_before.to_string(),
        change.price_after.to_string(),
    )
}
