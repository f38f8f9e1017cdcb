//! How mails leave.

use std::sync::{Arc, Mutex};

use super::{config::MailConfig, database::Database};

/// A mail to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text for readers without HTML.
    pub text: String,
    /// The HTML.
    pub html: String,
}

/// The way out.
#[derive(Clone)]
pub enum Mailer {
    /// Kept for tests to read.
    Memory(Arc<Mutex<Vec<Mail>>>),
}

impl Mailer {
    /// The configured way out.
    ///
    /// # Errors
    /// If the mail server's address cannot be read.
    pub fn new(_config: &MailConfig, _database: &Database) -> Result<Self, lettre::transport::smtp::Error> {
        Ok(Self::Memory(Arc::default()))
    }
}
