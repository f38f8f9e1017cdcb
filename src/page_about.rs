//! Whom a page is about: a customer, and the person who works for it. Whoever works for several can go on to another one in another
//! window, and somebody else can sign in there; what a page that was left open still sends must reach neither.
//!
//! Pages put both into the addresses of their forms and of what they ask for; `Caller` compares them with those of the session.

use crate::ids::{CustomerId, UserId};

/// The names in the query.
const NAMES: [&str; 2] = ["company", "person"];

/// A customer and a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageAbout {
    /// The customer.
    pub company: CustomerId,
    /// The person; none in a session that the SaaS opened for a guest.
    pub person: Option<UserId>,
}

/// An address of the portal with whom the page is about in its query.
pub fn address(address: &str, about: Option<PageAbout>) -> String {
    let Some(PageAbout { company, person }) = about else { return address.to_owned() };
    let [of_company, of_person] = NAMES;
    let mark = if address.contains('?') { '&' } else { '?' };
    let person = person.map(|person| format!("&{of_person}={person}")).unwrap_or_default();
    format!("{address}{mark}{of_company}={company}{person}")
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
    let [company, person] = NAMES.map(value);
    Some(PageAbout { company: company?.parse().ok()?, person: person.and_then(|person| person.parse().ok()) })
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
