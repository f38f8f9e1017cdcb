//! How mails leave: through a mail server, or into the development inbox.

#[cfg(test)]
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp,
};
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;

use super::{
    config::{MailConfig, SmtpConfig},
    database::Database,
    development_inbox,
};

/// How long one exchange with the mail server may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);

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

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It never will: the address is wrong or the mail was refused for good.
    #[error("refused: {0}")]
    Refused(String),
    /// Another attempt is worth making.
    #[error("{0}")]
    Unavailable(String),
}

/// The mail configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// `SMTP_URL` cannot be read.
    #[error("SMTP_URL cannot be used: {0}")]
    Server(#[from] smtp::Error),
    /// `MAIL_FROM` is no sender.
    #[error("MAIL_FROM must be a sender such as Foyer <portal@example.com>")]
    Sender,
}

/// The way out.
#[derive(Clone)]
pub enum Mailer {
    /// A mail server.
    Smtp(Box<Smtp>),
    /// A table that `/dev/mail` shows.
    DevelopmentInbox(Database),
    /// Kept for tests to read.
    #[cfg(test)]
    Memory(Arc<Mutex<Vec<Mail>>>),
}

/// A mail server and the sender it is told.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// The configured way out. Nothing is connected yet.
    ///
    /// # Errors
    /// If the mail server's address or the sender cannot be read.
    pub fn new(config: &MailConfig, database: &Database) -> Result<Self, MailerError> {
        match config {
            MailConfig::DevelopmentInbox => Ok(Self::DevelopmentInbox(database.clone())),
            MailConfig::Smtp(config) => Ok(Self::Smtp(Box::new(Smtp::new(config)?))),
        }
    }

    /// Sends a mail. The same `id` gives the same Message-ID, so that a mail that had to be sent twice is one mail to
    /// its reader.
    ///
    /// # Errors
    /// Whether another attempt is worth making.
    pub async fn send(&self, mail: &Mail, id: Uuid, now: OffsetDateTime) -> Result<(), SendError> {
        match self {
            Self::Smtp(smtp) => smtp.send(mail, id, now).await,
            Self::DevelopmentInbox(database) => {
                development_inbox::keep(database, mail, id, now).await.map_err(|error| SendError::Unavailable(error.to_string()))
            }
            #[cfg(test)]
            Self::Memory(mails) => {
                mails.lock().map_err(|_| SendError::Unavailable("a test panicked".to_owned()))?.push(mail.clone());
                Ok(())
            }
        }
    }
}

impl Smtp {
    /// Reads the address: `smtps://` is TLS from the start, `smtp://` is STARTTLS, and required unless the server is
    /// on this machine or the address says `?tls=…` itself.
    fn new(config: &SmtpConfig) -> Result<Self, MailerError> {
        let from = config.from.parse().map_err(|_| MailerError::Sender)?;
        let url = with_tls(config.url.reveal());
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)?.timeout(Some(TIME_LIMIT)).build();
        Ok(Self { transport, from })
    }

    async fn send(&self, mail: &Mail, id: Uuid, now: OffsetDateTime) -> Result<(), SendError> {
        let message = message(mail, &self.from, id, now)?;
        match tokio::time::timeout(TIME_LIMIT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if refuses_for_good(&error) => Err(SendError::Refused(error.to_string())),
            Ok(Err(error)) => Err(SendError::Unavailable(error.to_string())),
            Err(_) => Err(SendError::Unavailable("the mail server did not answer in time".to_owned())),
        }
    }
}

/// Password and mail must not cross a network in the clear because an address forgot to say so.
fn with_tls(address: &str) -> String {
    match address.parse::<Url>() {
        Ok(mut url) if url.scheme() == "smtp" && !url.query_pairs().any(|(name, _)| name == "tls") && !is_loopback(&url) => {
            url.query_pairs_mut().append_pair("tls", "required");
            url.into()
        }
        _ => address.to_owned(),
    }
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Replies about the mailbox or the mail (RFC 5321, 4.2.3). Others of class 5, such as a wrong password, are mended by
/// the operator: those mails wait.
fn refuses_for_good(error: &smtp::Error) -> bool {
    error.status().is_some_and(|code| matches!(u16::from(code), 550..=554))
}

/// The mail as it is sent. Header values are encoded, and line breaks in them cannot start a header of their own.
fn message(mail: &Mail, from: &Mailbox, id: Uuid, now: OffsetDateTime) -> Result<Message, SendError> {
    let to: Address = mail.to.parse().map_err(|_| SendError::Refused("the address cannot be read".to_owned()))?;
    let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // RFC 3834: no out-of-office answers to this.
    let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .date(now.into())
        .raw_header(automatic)
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
        .map_err(|error| SendError::Refused(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn formatted(to: &str, subject: &str) -> Result<String, SendError> {
        let mail = Mail { to: to.into(), subject: subject.into(), text: "Grüße".into(), html: "<p>Grüße</p>".into() };
        let from = "Foyer <portal@foyer.example>".parse().unwrap();
        message(&mail, &from, Uuid::nil(), datetime!(2026-11-23 09:00 UTC))
            .map(|message| String::from_utf8_lossy(&message.formatted()).into_owned())
    }

    #[test]
    fn message_id_stays_the_same_for_the_same_notification() {
        let mail = formatted("olivia@northwind.example", "Hello").unwrap();
        assert!(mail.contains("Message-ID: <00000000-0000-0000-0000-000000000000@foyer.example>"), "{mail}");
        assert!(mail.contains("Date: Mon, 23 Nov 2026 09:00:00 +0000"), "{mail}");
        assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
        assert!(mail.contains("multipart/alternative"), "{mail}");
    }

    #[test]
    fn line_breaks_start_no_header() {
        let mail = formatted("olivia@northwind.example", "Hello\r\nBcc: spy@evil.example").unwrap();
        assert!(!mail.lines().any(|line| line.starts_with("Bcc")), "{mail}");
        assert!(matches!(formatted("olivia@northwind.example\r\nBcc: spy@evil.example", "Hello"), Err(SendError::Refused(_))));
    }

    #[test]
    fn the_way_to_another_machine_is_encrypted() {
        assert_eq!(with_tls("smtp://u:p@mail.example:587"), "smtp://u:p@mail.example:587?tls=required");
        assert_eq!(with_tls("smtp://127.0.0.1:2525"), "smtp://127.0.0.1:2525");
        assert_eq!(with_tls("smtps://u:p@mail.example"), "smtps://u:p@mail.example");
        assert_eq!(with_tls("smtp://mail.example?tls=opportunistic"), "smtp://mail.example?tls=opportunistic");
    }
}
