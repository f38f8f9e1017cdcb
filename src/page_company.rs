//! Which customer a page is about: whoever works for several can go on to another one in another window, and what a page that was
//! left open still sends must not reach that one.
//!
//! Pages put the customer into the addresses of their forms and of what they ask for; `Caller` compares it with that of the session.

use crate::ids::CustomerId;

/// The name in the query.
const NAME: &str = "company";

/// An address of the portal with the customer in its query.
pub fn address(address: &str, company: Option<CustomerId>) -> String {
    let Some(company) = company else { return address.to_owned() };
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{NAME}={company}")
}

/// Whom the page is about that the server is making: known once its session was found.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, Default)]
pub struct PageCompany(std::sync::Arc<std::sync::OnceLock<CustomerId>>);

#[cfg(feature = "ssr")]
impl PageCompany {
    /// The session is at this customer.
    pub fn found(&self, company: CustomerId) {
        _ = self.0.set(company);
    }

    /// The customer, if it is known by now.
    pub fn get(&self) -> Option<CustomerId> {
        self.0.get().copied()
    }
}

/// The customer in a query.
#[cfg(feature = "ssr")]
pub fn read(query: &str) -> Option<CustomerId> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(name, _)| name == NAME).find_map(|(_, value)| value.parse().ok())
}

/// What the page is told that was left behind.
#[cfg(feature = "ssr")]
pub fn left_behind(company: &str) -> crate::error::AppError {
    crate::error::AppError::Conflict(format!(
        "You have gone on to {company} since this page was opened, perhaps in another window. Nothing was changed. Reload the page to \
         work for {company}, or choose the other company at the top first."
    ))
}
