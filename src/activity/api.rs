//! Reading the trail.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        filter::{Filter, Place, Side},
        model::Entry,
        sentence,
        store::{self, Record},
    },
    crate::{
        access::Permission,
        server::{audit::ActorKind, caller::Caller},
        when::When,
    },
    time::OffsetDateTime,
};

use super::model::{Activity, Asked};
use crate::error::AppError;

/// Entries on a page.
#[cfg(feature = "ssr")]
const PER_PAGE: usize = 50;

/// A page of what happened, and who can be asked about.
#[server(prefix = "/api", endpoint = "activity/list", input = GetUrl)]
pub async fn list_activity(#[server(default)] asked: Asked) -> Result<Activity, AppError> {
    let caller = Caller::require(Permission::ViewActivity).await?;
    let filter = Filter::read(&asked, caller.now());
    let side = Side::read(&asked);
    let mut read = caller.read().await?;
    // One more than a page holds tells whether the list goes on.
    let limit = i64::try_from(PER_PAGE + 1).unwrap_or(i64::MAX);
    let mut records = store::list(&mut read, caller.customer_id(), &filter, side, limit).await?;
    let people = store::list_people(&mut read, caller.customer_id()).await?;
    let (newer, older) = cut(&mut records, side, asked.has_place());
    let mut people: Vec<_> = people.into_iter().map(|(person, name)| (person.to_string(), name)).collect();
    people.push((Asked::KEYS.to_owned(), "Programs".to_owned()));
    people.push((Asked::SYSTEM.to_owned(), "The portal itself".to_owned()));
    let place = Asked { before: asked.before, after: asked.after, ..filter.asked };
    let entries = records.into_iter().map(|record| entry(record, caller.now())).collect();
    Ok(Activity { entries, people, asked: place, newer, older })
}

/// Cuts the records to a page, and gives the places from which newer and older ones follow.
#[cfg(feature = "ssr")]
fn cut(records: &mut Vec<Record>, side: Side, has_place: bool) -> (Option<String>, Option<String>) {
    let goes_on = records.len() > PER_PAGE;
    match side {
        Side::Older(_) => records.truncate(PER_PAGE),
        Side::Newer(_) => drop(records.drain(..records.len().saturating_sub(PER_PAGE))),
    }
    let word = |record: Option<&Record>| record.map(|record| Place { at: record.created_at, number: record.chain_number }.word());
    let (has_newer, has_older) = match side {
        Side::Older(_) => (has_place, goes_on),
        Side::Newer(_) => (goes_on, true),
    };
    (word(records.first()).filter(|_| has_newer), word(records.last()).filter(|_| has_older))
}

#[cfg(feature = "ssr")]
fn entry(record: Record, now: OffsetDateTime) -> Entry {
    let side = match record.actor_kind.parse() {
        Ok(ActorKind::Person) => "",
        Ok(ActorKind::Key) => "Program",
        Ok(ActorKind::Staff) => "Our support",
        Ok(ActorKind::System) | Err(_) => "Portal",
    };
    Entry {
        number: record.chain_number,
        what: sentence::what(&record.kind, &record.subject, &record.details),
        details: sentence::details(&record.details),
        actor: record.actor_name,
        side: side.to_owned(),
        when: When::new(record.created_at, now),
        ip: record.ip,
        session: record.session_id.map(|id| id.to_string()).unwrap_or_default(),
        hash: hex::encode(record.hash),
    }
}
