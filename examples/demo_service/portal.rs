//! A client of the portal: asks whether a key is good.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};

/// Asks the portal. Cheap to clone; keep one, so that connections are kept.
#[derive(Clone)]
pub struct Portal {
    http: reqwest::Client,
    verify: String,
    token: String,
}

/// What is asked.
#[derive(Clone, Copy, Serialize)]
pub struct Question<'a> {
    /// The key that the caller sent.
    pub key: &'a str,
    /// What the call needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'a str>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// How many calls it counts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<u32>,
}

/// What the portal says. Members that it adds later are passed over.
#[derive(Clone, Debug, Deserialize)]
pub struct Verdict {
    /// Whether to let the call in.
    pub valid: bool,
    /// `valid`, or why not.
    pub code: String,
    /// The key, safe to log.
    pub key_id: Option<String>,
    /// Whose it is.
    pub customer_id: Option<String>,
    /// `live` or `test`.
    pub environment: Option<String>,
    /// What is left.
    pub limits: Option<Limits>,
}

/// What is left of the limit that was counted.
#[derive(Clone, Debug, Deserialize)]
pub struct Limits {
    /// Calls.
    pub remaining: i64,
    /// RFC 3339.
    pub reset_at: String,
}

/// The portal did not answer, or did not accept the question.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// No answer in time.
    #[error("the portal does not answer: {0}")]
    Away(#[from] reqwest::Error),
    /// It says that it cannot know now (503), or that our token is wrong (401, 403).
    #[error("the portal answered with {0}")]
    Refused(reqwest::StatusCode),
}

impl Portal {
    /// A client that waits a second at most: your own callers wait with it.
    ///
    /// # Errors
    /// If the HTTP client cannot be made.
    pub fn new(address: &str, token: String) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_millis(300))
            .timeout(Duration::from_secs(1))
            .pool_max_idle_per_host(64)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, verify: format!("{}/v1/keys/verify", address.trim_end_matches('/')), token })
    }

    /// Asks, once more if the connection could not be made. Never after that: the first question may have counted.
    ///
    /// # Errors
    /// If there is no verdict.
    pub async fn verify(&self, question: Question<'_>) -> Result<Verdict, PortalError> {
        match self.ask(question).await {
            Err(PortalError::Away(error)) if error.is_connect() => self.ask(question).await,
            answered => answered,
        }
    }

    async fn ask(&self, question: Question<'_>) -> Result<Verdict, PortalError> {
        let answer = self.http.post(&self.verify).bearer_auth(&self.token).json(&question).send().await?;
        if !answer.status().is_success() {
            return Err(PortalError::Refused(answer.status()));
        }
        Ok(answer.json().await?)
    }
}
