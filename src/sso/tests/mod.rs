//! Single sign-on against a provider of our own, as each kind of person.

mod answers;
mod enforcement;
mod joining;
mod names;
mod provider;
mod reach;
mod rechecks;
mod settings;

use axum::http::StatusCode;
use serde_json::Value;

use crate::server::testing::{Actor, Answer, TestApp};
use names::FakeNames;
use provider::{CLIENT, FakeProvider, SECRET, Says};

/// Acme, with a provider and a verified domain.
struct Acme {
    app: TestApp,
    provider: FakeProvider,
    names: FakeNames,
}

impl Acme {
    async fn start() -> Self {
        let acme = Self::unconnected().await;
        let owner = acme.app.owner().await;
        acme.connect(&owner).await;
        acme.verify(&owner, "acme.example").await;
        acme
    }

    async fn unconnected() -> Self {
        let names = FakeNames::start().await;
        let app = TestApp::start_with(|config| config.dns_resolver = Some(names.address)).await;
        Self { app, provider: FakeProvider::start().await, names }
    }

    async fn connect(&self, owner: &Actor) {
        let answer = owner.call("/api/sso/connect", &self.form(&self.provider.issuer, SECRET)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }

    fn form<'a>(&self, issuer: &'a str, secret: &'a str) -> [(&'static str, &'a str); 4] {
        [("form[issuer]", issuer), ("form[client_id]", CLIENT), ("form[client_secret]", secret), ("form[role]", "member")]
    }

    /// Adds a domain, makes its record and has it verified.
    async fn verify(&self, owner: &Actor, domain: &str) {
        assert_eq!(owner.call("/api/sso/add_domain", &[("form[domain]", domain)]).await.status, StatusCode::OK);
        self.make_record(owner, domain).await;
        let answer = owner.call("/api/sso/verify_domain", &[("form[domain]", domain)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }

    async fn make_record(&self, owner: &Actor, domain: &str) {
        let settings = owner.query("/api/sso/find").await.json();
        let rows: &Vec<Value> = settings["domains"].as_array().unwrap();
        let row = rows.iter().find(|row| row["domain"] == domain).unwrap();
        self.names.set(row["record_name"].as_str().unwrap(), row["record_value"].as_str().unwrap());
    }

    /// Begins a sign-in: where the browser is led.
    async fn begin(&self, browser: &Actor, email: &str) -> String {
        let answer = browser.call("/api/sso/start", &[("form[email]", email), ("form[next]", "/usage")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert!(answer.location().starts_with(&format!("{}/authorize?", self.provider.issuer)), "{}", answer.location());
        answer.location().to_owned()
    }

    /// The whole way in one browser: what the portal answers to whom the provider says they are.
    async fn come(&self, browser: &Actor, says: Says) -> Answer {
        let address = self.begin(browser, "anybody@acme.example").await;
        let back = self.provider.sign_in(&address, self.app.now(), says);
        browser.get(&back).await
    }

    /// Somebody who came in that way.
    async fn inside(&self, subject: &str, email: &str) -> Actor {
        let browser = self.app.visitor();
        let answer = self.come(&browser, Says::that(subject, email)).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/usage"), "{}", answer.text());
        browser
    }

    async fn count(&self, table: &'static str) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).fetch_one(self.app.db()).await.unwrap()
    }
}

/// The word that says why somebody came back without being signed in.
fn failed(answer: &Answer) -> &str {
    answer.location().strip_prefix("/signin/sso?failed=").unwrap_or_else(|| panic!("signed in: {}", answer.location()))
}
