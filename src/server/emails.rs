//! The frame that all mails share: a short text, one thing to do, and why it was sent.

use super::mailer::Mail;

/// A mail being written.
pub struct Letter {
    subject: String,
    paragraphs: Vec<String>,
    action: Option<(String, String)>,
    reason: String,
}

impl Letter {
    /// A mail with a subject.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), paragraphs: vec![], action: None, reason: String::new() }
    }

    /// Adds a paragraph of plain text.
    #[must_use]
    pub fn paragraph(mut self, text: impl Into<String>) -> Self {
        self.paragraphs.push(text.into());
        self
    }

    /// The one thing to do, as a button. It stands after the first two paragraphs.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, url: impl Into<String>) -> Self {
        self.action = Some((label.into(), url.into()));
        self
    }

    /// Why the person receives this.
    #[must_use]
    pub fn reason(mut self, text: impl Into<String>) -> Self {
        self.reason = text.into();
        self
    }

    /// The finished mail.
    pub fn to(self, recipient: &str) -> Mail {
        Mail { to: recipient.to_owned(), subject: self.subject.replace(['\r', '\n'], " "), text: self.text(), html: self.html() }
    }

    fn text(&self) -> String {
        let mut text = self.paragraphs.join("\n\n");
        if let Some((label, url)) = &self.action {
            text.push_str(&format!("\n\n{label}:\n{url}"));
        }
        format!("{text}\n\n-- \n{}\n", self.reason)
    }

    fn html(&self) -> String {
        let paragraph = |text: &String| format!("<p style=\"margin:0 0 16px\">{}</p>", escape(text).replace('\n', "<br>"));
        let (first, rest) = self.paragraphs.split_at(self.paragraphs.len().min(2));
        let button = self.action.as_ref().map_or(String::new(), |(label, url)| {
            format!(
                "<p style=\"margin:24px 0\"><a href=\"{}\" style=\"background:#1f4fd8;color:#ffffff;border-radius:8px;padding:12px 20px;text-decoration:none;font-weight:600\">{}</a></p>",
                escape(url),
                escape(label)
            )
        });
        let first: String = first.iter().map(paragraph).collect();
        let rest: String = rest.iter().map(paragraph).collect();
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body style=\"font:16px/1.5 system-ui,sans-serif;color:#16181d;background:#ffffff;max-width:560px;margin:0 auto;padding:32px 20px\">\
             {first}{button}{rest}<p style=\"color:#5c6270;font-size:13px;border-top:1px solid #e4e6eb;padding-top:16px;margin-top:32px\">{}</p></body></html>",
            escape(&self.subject),
            escape(&self.reason)
        )
    }
}

/// Escapes text for HTML, in content and in attributes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
