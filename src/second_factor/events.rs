//! What happens to a second factor. The person is told by mail of whatever changes how they sign in.

use serde_json::{Value, json};

use super::store::Colleague;
use crate::server::{audit::Event, caller::Caller, config::Config, database::SessionRow, outbox::Notification};

/// Where it is managed.
const PAGE: &str = "/account/second-factor";

/// The person turned it on.
pub(super) fn turned_on(config: &Config, person: &SessionRow) -> Event {
    tell(config, person, Event::new("second_factor.turned_on", person.user_email.as_str()), "second_factor_on")
}

/// The person turned it off.
pub(super) fn turned_off(config: &Config, person: &SessionRow) -> Event {
    tell(config, person, Event::new("second_factor.turned_off", person.user_email.as_str()), "second_factor_off")
}

/// The person made new recovery codes.
pub(super) fn codes_renewed(config: &Config, person: &SessionRow) -> Event {
    tell(config, person, Event::new("second_factor.codes_renewed", person.user_email.as_str()), "recovery_codes_renewed")
}

/// The installation's operator took it away, because the person has lost app and recovery codes.
pub(super) fn reset(config: &Config, name: &str, email: &str) -> Event {
    let payload = json!({ "email": email, "name": name, "url": config.link(PAGE) });
    Event::new("second_factor.reset", email).notify(Notification::new("second_factor_reset", payload))
}

fn tell(config: &Config, person: &SessionRow, event: Event, kind: &'static str) -> Event {
    let payload = json!({ "email": person.user_email, "name": person.user_name, "url": config.link(PAGE) });
    event.notify(Notification::new(kind, payload))
}

/// Tells the person that somebody signed in with one of their recovery codes.
pub(super) fn recovery_used(config: &Config, name: &str, email: &str, left: i64) -> Notification {
    let payload = json!({ "email": email, "name": name, "left": left, "url": config.link(PAGE) });
    Notification::new("recovery_code_used", payload)
}

/// Wrong second factors after a right first one.
pub(super) struct Attempt<'a> {
    /// The first factor: a word of the sign-in's.
    pub(super) proof: &'a str,
    pub(super) tries: i32,
    /// From where the last of them came.
    pub(super) ip: &'a str,
    pub(super) device: &'a str,
}

/// Tells the person that somebody has their first factor and tries to get past the second.
pub(super) fn attacked(config: &Config, name: &str, email: &str, attempt: &Attempt<'_>) -> Notification {
    let payload = json!({
        "email": email, "name": name, "proof": attempt.proof, "tries": attempt.tries, "ip": attempt.ip, "device": attempt.device,
        "url": config.link("/reset"),
    });
    Notification::new("second_factor_tried", payload)
}

/// The customer asks everybody for one, or no longer.
pub(super) fn requirement_changed(caller: &Caller, required: bool) -> Event {
    let kind = if required { "second_factor.required" } else { "second_factor.made_optional" };
    Event::new(kind, caller.customer_name())
}

/// Tells everybody at the customer what to do.
pub(super) fn requirement_mails(caller: &Caller, people: &[Colleague]) -> Vec<Value> {
    let url = caller.state().config.link(PAGE);
    let mail = |person: &Colleague| {
        json!({
            "email": person.email, "name": person.name, "has": person.has_second_factor, "customer": caller.customer_name(),
            "actor": caller.name(), "url": url,
        })
    };
    people.iter().map(mail).collect()
}
