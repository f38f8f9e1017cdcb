//! The frame of all mails: plain text and simple HTML from the same content, and why the reader got it.

use url::Url;

use crate::server::mailer::Mail;

/// The color of buttons: the portal's `--accent` in its light theme (style/tokens.css). White on it has a contrast of 7.4.
const ACCENT: &str = "#0b5c74";

/// A mail being written: paragraphs, quotes and the one thing to do, in order.
#[derive(Clone, Debug)]
pub struct Letter {
    subject: String,
    parts: Vec<Part>,
    reason: String,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Quote(String),
    Action { label: String, address: String },
}

impl Letter {
    /// A mail with a subject.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), parts: vec![], reason: String::new() }
    }

    /// Adds a paragraph of plain text.
    #[must_use]
    pub fn paragraph(self, text: impl Into<String>) -> Self {
        self.with(Part::Text(text.into()))
    }

    /// Adds somebody's words, with their line breaks.
    #[must_use]
    pub fn quote(self, text: impl Into<String>) -> Self {
        self.with(Part::Quote(text.into()))
    }

    /// The one thing to do, as a button. An address that is not of the web is left out: a notification may come from
    /// outside.
    #[must_use]
    pub fn action(self, label: impl Into<String>, address: impl Into<String>) -> Self {
        let address = address.into();
        match address.parse::<Url>() {
            Ok(url) if matches!(url.scheme(), "https" | "http") => self.with(Part::Action { label: label.into(), address }),
            _ => self,
        }
    }

    /// Why the person receives this.
    #[must_use]
    pub fn reason(mut self, text: impl Into<String>) -> Self {
        self.reason = text.into();
        self
    }

    /// The finished mail.
    pub fn to(self, recipient: &str) -> Mail {
        let (text, html) = (self.plain(), self.html());
        Mail { to: recipient.to_owned(), subject: self.subject, text, html }
    }

    fn with(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    fn plain(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            let paragraph = match part {
                Part::Text(paragraph) => paragraph.clone(),
                Part::Quote(quote) => quote.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"),
                Part::Action { label, address } => format!("{label}:\n{address}"),
            };
            text.push_str(&paragraph);
            text.push_str("\n\n");
        }
        format!("{text}-- \n{}\n", self.reason)
    }

    fn html(&self) -> String {
        let parts: String = self.parts.iter().map(Part::html).collect();
        let (subject, reason) = (escape(&self.subject), escape(&self.reason));
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{subject}</title></head>\n\
             <body style=\"margin:0;padding:24px 16px;font:16px/1.55 system-ui,sans-serif\">\n\
             <div style=\"max-width:560px;margin:0 auto\">\n\
             <p style=\"margin:0 0 24px;font-weight:700;letter-spacing:-.01em\">Foyer</p>\n{parts}\
             <p style=\"margin:32px 0 0;padding-top:16px;border-top:1px solid #8884;font-size:13px;opacity:.75\">{reason}</p>\n\
             </div>\n</body>\n</html>\n"
        )
    }
}

impl Part {
    fn html(&self) -> String {
        match self {
            Self::Text(text) => format!("<p style=\"margin:0 0 16px\">{}</p>\n", escape(text).replace('\n', "<br>")),
            Self::Quote(text) => format!(
                "<blockquote style=\"margin:0 0 16px;padding:4px 0 4px 16px;border-left:3px solid #8886;white-space:pre-wrap;overflow-wrap:anywhere\">{}</blockquote>\n",
                escape(text)
            ),
            Self::Action { label, address } => {
                let (label, address) = (escape(label), escape(address));
                format!(
                    "<p style=\"margin:24px 0 8px\"><a href=\"{address}\" style=\"display:inline-block;padding:11px 20px;border-radius:8px;background:{ACCENT};color:#fff;font-weight:600;text-decoration:none\">{label}</a></p>\n\
                     <p style=\"margin:0 0 16px;font-size:13px;opacity:.75;overflow-wrap:anywhere\">Or open {address}</p>\n"
                )
            }
        }
    }
}

/// Text as HTML shows it literally, in content and in attribute values.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Mail {
        Letter::new("Answer: \"Import\"")
            .paragraph("Mia answered.")
            .quote("First <b>line</b>\nSecond")
            .action("Open the ticket", "https://portal.example/support/ticket-0123456789ab?a=1&b=2")
            .reason("You receive this because you opened the ticket.")
            .to("olivia@northwind.example")
    }

    #[test]
    fn text_and_html_say_the_same() {
        let mail = letter();
        let expected = "Mia answered.\n\n> First <b>line</b>\n> Second\n\nOpen the ticket:\n\
                        https://portal.example/support/ticket-0123456789ab?a=1&b=2\n\n-- \nYou receive this because you opened the ticket.\n";
        assert_eq!(mail.text, expected);
        for part in
            ["Mia answered.", "First &lt;b&gt;line&lt;/b&gt;\nSecond", "?a=1&amp;b=2\"", "because you opened", "Answer: &quot;Import&quot;"]
        {
            assert!(mail.html.contains(part), "{part}: {}", mail.html);
        }
    }

    #[test]
    fn button_has_the_color_of_the_portal() {
        let tokens = include_str!("../../../style/tokens.css");
        let of_light_theme = tokens.split("--accent: ").nth(1).and_then(|rest| rest.split(';').next());
        assert_eq!(of_light_theme, Some(ACCENT));
        assert!(letter().html.contains(&format!("background:{ACCENT};color:#fff")));
    }

    #[test]
    fn only_web_addresses_become_buttons() {
        let mail = Letter::new("s").action("Click", "javascript:alert(1)").reason("Why.").to("a@b.example");
        assert!(!mail.html.contains("javascript") && !mail.text.contains("javascript"));
    }
}
