//! Whom a page is about: a customer, and whoever works for it. Whoever works for several can go on to another one in another
//! window, and somebody else can sign in there; what a page that was left open still sends must reach neither.
//!
//! Pages put both into the addresses of their forms and of what they ask for; the guards compare them with those of the session.

use crate::ids::{CustomerId, SessionId, UserId};

/// The names in the query. Pages have others of their own there: the activity is asked for by `person`.
const NAMES: [&str; 3] = ["company", "of-person", "of-guest"];

/// A customer and whoever works for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageAbout {
    /// The customer; none of people who belong to none, nor of the staff's pages.
    pub company: Option<CustomerId>,
    /// Who it was made for; none if the address does not say it.
    pub who: Option<Who>,
}

/// Somebody who is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A person, in whatever session.
    Person(UserId),
    /// Whoever the SaaS let in without a name: known by the session alone.
    Guest(SessionId),
}

impl Who {
    /// Who it is in this session: the person, if it is that of one.
    pub fn of(person: Option<UserId>, session: SessionId) -> Self {
        person.map_or(Self::Guest(session), Self::Person)
    }
}

/// An address of the portal with whom the page is about in its query.
pub fn address(address: &str, about: Option<PageAbout>) -> String {
    let Some(PageAbout { company, who }) = about else { return address.to_owned() };
    let [of_company, of_person, of_guest] = NAMES;
    let who = who.map(|who| match who {
        Who::Person(person) => (of_person, person.as_uuid()),
        Who::Guest(session) => (of_guest, session.as_uuid()),
    });
    let mut address = address.to_owned();
    for (name, id) in company.map(|company| (of_company, company.as_uuid())).into_iter().chain(who) {
        let mark = if address.contains('?') { '&' } else { '?' };
        address = format!("{address}{mark}{name}={id}");
    }
    address
}

/// Whom the page is about that the server is making: known once its session was found.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, Default)]
pub struct MadeFor(std::sync::Arc<std::sync::OnceLock<PageAbout>>);

#[cfg(feature = "ssr")]
impl MadeFor {
    /// The session is that of these.
    pub fn found(&self, about: PageAbout) {
        _ = self.0.set(about);
    }

    /// Whom it is about, if that is known by now.
    pub fn get(&self) -> Option<PageAbout> {
        self.0.get().copied()
    }
}

/// Whom a query names.
#[cfg(feature = "ssr")]
pub fn read(query: &str) -> Option<PageAbout> {
    let value = |name| url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value);
    let [company, person, guest] = NAMES.map(value);
    let company = company.and_then(|id| id.parse().ok());
    let person = person.and_then(|id| id.parse().ok()).map(Who::Person);
    let who = person.or_else(|| guest.and_then(|id| id.parse().ok()).map(Who::Guest));
    (company.is_some() || who.is_some()).then_some(PageAbout { company, who })
}

/// What the page is told that was left behind for another customer.
#[cfg(feature = "ssr")]
pub fn left_behind(company: &str) -> crate::error::AppError {
    crate::error::AppError::Conflict(format!(
        "You have gone on to {company} since this page was opened, perhaps in another window. Nothing was changed. Reload the page to \
         work for {company}, or choose the other company at the top first."
    ))
}

/// What the page is told that somebody else had opened.
#[cfg(feature = "ssr")]
pub fn taken_over(person: &str) -> crate::error::AppError {
    crate::error::AppError::Conflict(format!(
        "{person} has signed in since this page was opened, perhaps in another window. Nothing was changed. Reload the page to go on \
         as {person}."
    ))
}

/// What the page is told after which the SaaS let somebody in, and from where, if that is known.
#[cfg(feature = "ssr")]
pub fn opened_anew(origin: Option<&str>) -> crate::error::AppError {
    let from = origin.map(|origin| format!(" from {origin}")).unwrap_or_default();
    crate::error::AppError::Conflict(format!(
        "The portal was opened{from} in this browser since this page was opened. Nothing was changed. Reload the page to go on."
    ))
}
