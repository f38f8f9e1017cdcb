//! Every way into the portal and who may use it. A new server function, page or route without a row here fails
//! `access_matrix`; the same rows are walked by `tenancy` with the ids of another customer.

use axum::http::Method;

use crate::{access::Permission, server::testing::TestApp};

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Everybody, signed in or not.
    Everyone,
    /// Everybody who is signed in, whatever their customer.
    SignedIn,
    /// People of a customer whose role includes this.
    With(Permission),
    /// People of the SaaS itself; for others it does not exist.
    Staff,
    /// The SaaS's own back end, with a service token; whoever signed in as a person is nobody there.
    Service,
}

/// One server function or route. Braces in path and form stand for ids: see [`Ids`].
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// `GET` or `POST`.
    pub method: Method,
    /// Its path, with a query for those that read.
    pub path: &'static str,
    /// Its form.
    pub form: &'static [(&'static str, &'static str)],
    /// Who may use it.
    pub allowed: Allowed,
}

const fn get(path: &'static str, allowed: Allowed) -> Endpoint {
    Endpoint { method: Method::GET, path, form: &[], allowed }
}

const fn post(path: &'static str, form: &'static [(&'static str, &'static str)], allowed: Allowed) -> Endpoint {
    Endpoint { method: Method::POST, path, form, allowed }
}

use Allowed::{Everyone, Service, SignedIn, Staff, With};
use Permission::{
    ManageAccount, ManageBilling, ManageBillingEmail, ManageData, ManageKeys, ManageSecondFactor, ManageSso, ManageTeam, ViewActivity,
    ViewBilling, ViewKeys, ViewPortal, WriteTickets,
};

/// The server functions, by area.
pub const FUNCTIONS: &[Endpoint] = &[
    get("/api/account/find", With(ViewPortal)),
    get("/api/account/addresses", With(ManageBillingEmail)),
    post("/api/account/update", &[("form[name]", ""), ("form[email]", "")], With(ManageAccount)),
    post("/api/account/update_billing_email", &[("form[billing_email]", "nonsense")], With(ManageBillingEmail)),
    get("/api/activity/list", With(ViewActivity)),
    get("/api/billing/find", With(ViewBilling)),
    get("/api/billing/list_invoices", With(ViewBilling)),
    post("/api/billing/change_plan", &[("form[plan]", "nonsense")], With(ManageBilling)),
    post("/api/data/cancel_closure", &[], With(ManageData)),
    get("/api/data/find", With(ManageData)),
    post("/api/data/request_closure", &[("form[company]", "nonsense")], With(ManageData)),
    get("/api/home/find", With(ViewPortal)),
    post("/api/keys/allow", &[("id", "{key}"), ("ip", "203.0.113.7")], With(ManageKeys)),
    post("/api/keys/create", &[("form[name]", "")], With(ManageKeys)),
    post("/api/keys/disable", &[("id", "{key}")], With(ManageKeys)),
    post("/api/keys/enable", &[("id", "{key}")], With(ManageKeys)),
    post("/api/keys/extend", &[("form[id]", "{key}"), ("form[overlap]", "24h")], With(ManageKeys)),
    get("/api/keys/find?id={key}", With(ViewKeys)),
    post("/api/keys/limits", &[("form[id]", "{key}"), ("form[calls_per_minute]", "many")], With(ManageKeys)),
    get("/api/keys/list", With(ViewKeys)),
    post("/api/keys/rename", &[("form[id]", "{key}"), ("form[name]", "")], With(ManageKeys)),
    post("/api/keys/revoke", &[("form[id]", "{key}"), ("form[reason]", "Leaked")], With(ManageKeys)),
    post("/api/keys/rotate", &[("form[id]", "{key}"), ("form[overlap]", "24h")], With(ManageKeys)),
    post("/api/passkeys/add", &[("form[answer]", "")], SignedIn),
    post("/api/passkeys/confirm", &[("form[answer]", "")], SignedIn),
    get("/api/passkeys/list", SignedIn),
    post("/api/passkeys/remove", &[("id", "{passkey}")], SignedIn),
    post("/api/passkeys/rename", &[("form[id]", "{passkey}"), ("form[name]", "Acme phone")], SignedIn),
    post("/api/passkeys/signin", &[("form[answer]", "")], Everyone),
    post("/api/passkeys/start_adding", &[], SignedIn),
    post("/api/passkeys/start_confirm", &[], SignedIn),
    post("/api/passkeys/start_signin", &[], Everyone),
    get("/api/portal_sessions/is_open?code=nonsense", Everyone),
    post("/api/portal_sessions/open", &[("form[code]", "nonsense")], Everyone),
    get("/api/portal_sessions/way_back", Everyone),
    post("/api/signin/ask_code", &[("form[email]", "nonsense")], Everyone),
    post("/api/signin/change_password", &[("form[current]", "")], SignedIn),
    get("/api/signin/code_is_open", Everyone),
    post("/api/signin/confirm", &[("form[password]", "")], SignedIn),
    post("/api/signin/end_other_sessions", &[], SignedIn),
    post("/api/signin/end_session", &[("id", "{session}")], SignedIn),
    post("/api/signin/enter_code", &[("form[code]", "nonsense")], Everyone),
    post("/api/profile/cancel_email", &[], With(ViewPortal)),
    post("/api/profile/change_email", &[("form[email]", "nonsense")], With(ViewPortal)),
    post("/api/profile/confirm_email", &[("form[token]", "nonsense")], Everyone),
    get("/api/profile/find", With(ViewPortal)),
    get("/api/profile/pending?token=nonsense", Everyone),
    post("/api/profile/rename", &[("form[name]", "")], With(ViewPortal)),
    post("/api/requests/create", &[("form[permission]", "nonsense")], With(ViewPortal)),
    post("/api/requests/decline", &[("form[request]", "{request}")], With(ManageTeam)),
    get("/api/requests/find?permission=manage_keys", With(ViewPortal)),
    post("/api/requests/grant", &[("form[request]", "{request}")], With(ManageTeam)),
    get("/api/requests/list", With(ViewPortal)),
    post("/api/requests/withdraw", &[("form[request]", "{request}")], With(ViewPortal)),
    post("/api/second_factor/cancel", &[], SignedIn),
    get("/api/second_factor/find", SignedIn),
    post("/api/second_factor/renew_codes", &[], SignedIn),
    post("/api/second_factor/require", &[("required", "true")], With(ManageSecondFactor)),
    post("/api/second_factor/start", &[], SignedIn),
    post("/api/second_factor/turn_off", &[], SignedIn),
    post("/api/second_factor/turn_on", &[("form[code]", "nonsense")], SignedIn),
    post("/api/second_factor/enter", &[("form[code]", "nonsense")], Everyone),
    get("/api/second_factor/step_is_open", Everyone),
    post("/api/signin/forgot", &[("form[email]", "nonsense")], Everyone),
    post("/api/signin/in", &[("form[email]", "nonsense")], Everyone),
    post("/api/signin/out", &[], Everyone),
    post("/api/signin/reset", &[("form[token]", "nonsense"), ("form[password]", "short")], Everyone),
    get("/api/signin/reset_is_open?token=nonsense", Everyone),
    get("/api/signin/sessions", SignedIn),
    get("/api/signin/shell", With(ViewPortal)),
    post("/api/signin/switch", &[("customer_id", "{customer}")], SignedIn),
    get("/api/signin/who_confirms", SignedIn),
    get("/signin/sso/callback?state=nonsense&code=nonsense", Everyone),
    post("/api/sso/add_domain", &[("form[domain]", "nonsense")], With(ManageSso)),
    get("/api/sso/before_start", Everyone),
    post("/api/sso/connect", &[("form[issuer]", "")], With(ManageSso)),
    post("/api/sso/disconnect", &[], With(ManageSso)),
    post("/api/sso/enforce", &[("form[owner]", "nonsense")], With(ManageSso)),
    get("/api/sso/find", With(ManageSso)),
    post("/api/sso/relax", &[], With(ManageSso)),
    post("/api/sso/remove_domain", &[("form[domain]", "{domain}")], With(ManageSso)),
    post("/api/sso/start", &[("form[email]", "nonsense")], Everyone),
    post("/api/sso/test", &[], With(ManageSso)),
    post("/api/sso/verify_domain", &[("form[domain]", "{domain}")], With(ManageSso)),
    post("/api/staff/answer", &[("form[id]", "{ticket}"), ("form[message]", "")], Staff),
    post("/api/staff/close", &[("id", "{missing_ticket}")], Staff),
    get("/api/staff/person", Staff),
    get("/api/staff/queue", Staff),
    get("/api/staff/ticket?id={ticket}", Staff),
    post("/api/support/close", &[("id", "{ticket}")], With(WriteTickets)),
    post("/api/support/create", &[("form[subject]", ""), ("form[message]", "")], With(WriteTickets)),
    get("/api/support/find?id={ticket}", With(ViewPortal)),
    get("/api/support/list", With(ViewPortal)),
    post("/api/support/reply", &[("form[id]", "{ticket}"), ("form[message]", "Hello")], With(WriteTickets)),
    post("/api/team/accept", &[("form[token]", "nonsense")], Everyone),
    get("/api/team/invitation?token=nonsense", Everyone),
    post("/api/team/invite", &[("form[email]", "nonsense")], With(ManageTeam)),
    post("/api/team/leave", &[], With(ViewPortal)),
    post("/api/team/invited_role", &[("form[invitation]", "{invitation}"), ("form[role]", "billing")], With(ManageTeam)),
    get("/api/team/list", With(ViewPortal)),
    get("/api/team/member?user={person}", With(ManageTeam)),
    get("/api/team/own_role", With(ViewPortal)),
    post("/api/team/remove", &[("form[user]", "{person}")], With(ManageTeam)),
    post("/api/team/resend", &[("form[invitation]", "{invitation}")], With(ManageTeam)),
    post("/api/team/revoke", &[("form[invitation]", "{invitation}")], With(ManageTeam)),
    post("/api/team/role", &[("form[user]", "{person}"), ("form[role]", "billing")], With(ManageTeam)),
    post("/api/team/sign_out", &[("form[user]", "{person}")], With(ManageTeam)),
    get("/api/usage/find", With(ViewPortal)),
    get("/api/usage/meters", With(ViewPortal)),
];

/// The routes beside the pages: what stands in `.route("…")`, and a request to it.
pub const ROUTES: &[(&str, Endpoint)] = &[
    ("/api/portal/invoices/{id}/download", get("/api/portal/invoices/{invoice}/download", With(ViewBilling))),
    ("/activity/export", post("/activity/export", &[("format", "nonsense")], With(ViewActivity))),
    ("/api/data/export", post("/api/data/export", &[], With(ManageData))),
    ("/v1/keys/leaked", post("/v1/keys/leaked", &[], Service)),
    ("/v1/keys/verify", post("/v1/keys/verify", &[], Service)),
    ("/v1/portal_sessions", post("/v1/portal_sessions", &[("customer", "{customer}")], Service)),
    ("/v1/{*rest}", get("/v1/nothing-here", Everyone)),
    ("/livez", get("/livez", Everyone)),
    ("/readyz", get("/readyz", Everyone)),
    // Only where the development inbox is switched on.
    ("/dev/mail", get("/dev/mail", Everyone)),
    ("/dev/mail/{id}", get("/dev/mail/00000000-0000-0000-0000-000000000000", Everyone)),
    ("/dev/mail/{id}/html", get("/dev/mail/00000000-0000-0000-0000-000000000000/html", Everyone)),
    ("/dev/mail/style.css", get("/dev/mail/style.css", Everyone)),
];

/// The pages: the route as the router knows it, and a request to it.
pub const PAGES: &[(&str, Endpoint)] = &[
    ("/", get("/", With(ViewPortal))),
    ("/account", get("/account", With(ViewPortal))),
    ("/activity", get("/activity", With(ViewActivity))),
    ("/account/password", get("/account/password", SignedIn)),
    ("/account/sessions", get("/account/sessions", SignedIn)),
    ("/account/passkeys", get("/account/passkeys", SignedIn)),
    ("/account/data", get("/account/data", With(ManageData))),
    ("/account/second-factor", get("/account/second-factor", SignedIn)),
    ("/account/profile", get("/account/profile", With(ViewPortal))),
    ("/billing", get("/billing", With(ViewBilling))),
    ("/billing/plan", get("/billing/plan", With(ViewBilling))),
    ("/flow/create_key", get("/flow/create_key", With(ViewKeys))),
    ("/flow/done", get("/flow/done", Everyone)),
    ("/flow/download_invoice", get("/flow/download_invoice", With(ViewBilling))),
    ("/flow/ended", get("/flow/ended", Everyone)),
    ("/flow/update_billing_email", get("/flow/update_billing_email", With(ManageBillingEmail))),
    ("/flow/upgrade_plan", get("/flow/upgrade_plan", With(ViewBilling))),
    ("/invite/{token}", get("/invite/nonsense", Everyone)),
    ("/keys", get("/keys", With(ViewKeys))),
    ("/keys/{id}", get("/keys/{key}", With(ViewKeys))),
    ("/profile/{token}", get("/profile/nonsense", Everyone)),
    ("/requests/{permission}", get("/requests/manage_keys", With(ViewPortal))),
    ("/reset", get("/reset", Everyone)),
    ("/reset/{token}", get("/reset/nonsense", Everyone)),
    ("/session/{code}", get("/session/nonsense", Everyone)),
    ("/signin", get("/signin", Everyone)),
    ("/signin/code", get("/signin/code", Everyone)),
    ("/signin/code/enter", get("/signin/code/enter", Everyone)),
    ("/signin/confirm", get("/signin/confirm", SignedIn)),
    ("/signin/sso", get("/signin/sso", Everyone)),
    ("/signin/second-factor", get("/signin/second-factor", Everyone)),
    ("/staff/tickets", get("/staff/tickets", Staff)),
    ("/staff/tickets/{id}", get("/staff/tickets/{ticket}", Staff)),
    ("/support", get("/support", With(ViewPortal))),
    ("/support/new", get("/support/new", With(ViewPortal))),
    ("/support/{id}", get("/support/{ticket}", With(ViewPortal))),
    ("/team", get("/team", With(ViewPortal))),
    ("/team/roles", get("/team/roles", With(ViewPortal))),
    ("/team/sso", get("/team/sso", With(ManageSso))),
    ("/team/{user}", get("/team/{person}", With(ManageTeam))),
    ("/usage", get("/usage", With(ViewPortal))),
];

/// Single sign-on of Acme; stored like the rest.
const SSO: [&str; 5] = [
    "INSERT INTO sso_connections (customer_id, issuer, client_id, client_secret, role, discovery, discovered_at, created_at, updated_at)
     SELECT $1, 'http://127.0.0.1:9', 'acme-client', 'x', 'member', '{}', $3, $3, $3 WHERE $2::uuid IS NOT NULL",
    "INSERT INTO sso_domains (customer_id, domain, token, created_at, verified_at, recheck_at)
     SELECT $1, 'sso.acme.example', '00000000000000000000000000000000', $3, $3, $3 + interval '1 year' WHERE $2::uuid IS NOT NULL",
    "INSERT INTO sso_identities (customer_id, issuer, subject, user_id, created_at, last_used_at)
     SELECT $1, 'http://127.0.0.1:9', 'acme-1', $2, $3, $3",
    "INSERT INTO sso_removals (customer_id, user_id, removed_at) SELECT $1, user_id, $3
     FROM users WHERE email = 'owner@stranger.example' AND $2::uuid IS NOT NULL",
    "INSERT INTO sso_signins (state_hash, browser_hash, customer_id, issuer, keep, fresh, next, created_at, expires_at)
     SELECT sha256('u'), sha256('t'), $1, 'http://127.0.0.1:9', false, false, '/', $3, $3 + interval '10 minutes' WHERE $2::uuid IS NOT NULL",
];

/// What the braces stand for.
#[derive(Clone, Debug)]
pub struct Ids {
    pairs: Vec<(&'static str, String)>,
}

impl Ids {
    /// Things of Acme, stored for the purpose.
    pub async fn of_acme(app: &TestApp) -> Self {
        let owner = app.owner().await;
        let (acme, now) = (app.customer(), app.now());
        let ids = Self {
            pairs: vec![
                ("{customer}", acme.to_string()),
                ("{key}", "key-aaaaaaaaaaaa".to_owned()),
                ("{ticket}", "ticket-aaaaaaaaaaaa".to_owned()),
                ("{missing_ticket}", "ticket-000000000000".to_owned()),
                ("{invoice}", "11111111-1111-7111-8111-111111111111".to_owned()),
                ("{invitation}", "22222222-2222-7222-8222-222222222222".to_owned()),
                ("{session}", "44444444-4444-7444-8444-444444444444".to_owned()),
                ("{passkey}", "66666666-6666-7666-8666-666666666666".to_owned()),
                ("{person}", app.member().await.user_id.unwrap().to_string()),
                ("{request}", "44444444-4444-7444-8444-444444444444".to_owned()),
                ("{domain}", "sso.acme.example".to_owned()),
            ],
        };
        let statements = [
            "INSERT INTO sessions (session_id, token_hash, user_id, active_customer_id, authenticated_at, created_at, last_seen_at, expires_at, idle_seconds)
             VALUES ('44444444-4444-7444-8444-444444444444', sha256('z'), $2, $1, $3, $3, $3, $3 + interval '1 day', 3600)",
            "INSERT INTO passkeys (passkey_id, user_id, credential_id, credential, name, created_at)
             SELECT '66666666-6666-7666-8666-666666666666', user_id, sha256('p'), '{}', 'Acme laptop', $3
             FROM users WHERE email = 'member@acme.example' AND $1::uuid IS NOT NULL AND $2::uuid IS NOT NULL",
            "INSERT INTO service_tokens (service_token_id, name, prefix, token_hash, scopes, created_at)
             SELECT 'svc-aaaaaaaaaaaa', 'Acme backend', 'aaaaaaaa', sha256('w'), '{portal_sessions:create}', $3
             WHERE $1::uuid IS NOT NULL AND $2::uuid IS NOT NULL",
            "INSERT INTO portal_sessions (portal_session_id, customer_id, service_token_id, opened_by, user_id, scopes, code_hash, created_at, code_expires_at)
             VALUES ('55555555-5555-7555-8555-555555555555', $1, 'svc-aaaaaaaaaaaa', 'Acme backend', $2, '{billing:read}', sha256('v'), $3, $3 + interval '15 minutes')",
            "INSERT INTO api_keys (key_id, customer_id, name, prefix, lookup_hash, status, created_by, created_in, created_at)
             VALUES ('key-aaaaaaaaaaaa', $1, 'Acme production', 'aaaaaaaa', sha256('x'), 'active', $2, '44444444-4444-7444-8444-444444444444', $3)",
            "INSERT INTO key_calls (customer_id, key_id, hour, code, ip, calls, last_at)
             SELECT $1, 'key-aaaaaaaaaaaa', date_trunc('hour', $3, 'UTC'), 'expired', '203.0.113.7', 3, $3 WHERE $2::uuid IS NOT NULL",
            "INSERT INTO tickets (ticket_id, customer_id, subject, status, opened_by, created_at, updated_at)
             VALUES ('ticket-aaaaaaaaaaaa', $1, 'Acme cannot print', 'open', $2, $3, $3)",
            "INSERT INTO ticket_messages (message_id, ticket_id, customer_id, content, from_customer, author_id, author_name, created_at)
             VALUES (gen_random_uuid(), 'ticket-aaaaaaaaaaaa', $1, 'Acme needs help', true, $2, 'Owner of Acme', $3)",
            "INSERT INTO invitations (invitation_id, customer_id, email, role, token_hash, invited_by, created_at, sent_at, expires_at)
             VALUES ('22222222-2222-7222-8222-222222222222', $1, 'ada@acme.example', 'member', sha256('y'), $2, $3, $3, $3 + interval '7 days')",
            "INSERT INTO access_requests (request_id, customer_id, user_id, permission, reason, status, created_at)
             SELECT '44444444-4444-7444-8444-444444444444', $1, user_id, 'manage_keys', 'Acme needs a key', 'pending', $3
             FROM users WHERE email = 'member@acme.example' AND $2::uuid IS NOT NULL",
            "INSERT INTO invoices (invoice_id, customer_id, number, status, currency, net, vat, total, buyer_name, issued_on, due_on, period_start, period_end, created_at)
             SELECT '11111111-1111-7111-8111-111111111111', $1, 'ACME-1', 'open', 'USD', 9900, 0, 9900, 'Acme', '2026-11-01', '2026-11-15', '2026-10-01', '2026-10-31', $3
             WHERE $2::uuid IS NOT NULL",
            "INSERT INTO invoice_lines (invoice_id, position, customer_id, description, quantity, unit_price, net, vat_rate_basis_points)
             SELECT '11111111-1111-7111-8111-111111111111', 1, $1, 'Acme plan', 1, 9900, 9900, 0 WHERE $2::uuid IS NOT NULL AND $3::timestamptz IS NOT NULL",
        ];
        for statement in statements.into_iter().chain(SSO) {
            sqlx::query(statement).bind(acme).bind(owner.user_id).bind(now).execute(app.db()).await.unwrap();
        }
        ids
    }

    /// Well-formed ids of things that do not exist.
    pub fn missing() -> Self {
        let uuid = || "33333333-3333-7333-8333-333333333333".to_owned();
        Self {
            pairs: vec![
                ("{customer}", uuid()),
                ("{key}", "key-000000000000".to_owned()),
                ("{ticket}", "ticket-000000000000".to_owned()),
                ("{missing_ticket}", "ticket-000000000000".to_owned()),
                ("{invoice}", uuid()),
                ("{invitation}", uuid()),
                ("{session}", uuid()),
                ("{passkey}", uuid()),
                ("{person}", uuid()),
                ("{request}", uuid()),
                ("{domain}", "missing.example".to_owned()),
            ],
        }
    }

    /// Puts the ids into a text.
    pub fn fill(&self, text: &str) -> String {
        self.pairs.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
    }
}

impl Endpoint {
    /// Whether it names something by its id.
    pub fn takes_id(&self) -> bool {
        let names = |text: &str| text.contains('{') && !text.contains("{missing");
        names(self.path) || self.form.iter().any(|(_, value)| names(value))
    }

    /// Uses it.
    pub async fn send(&self, actor: &crate::server::testing::Actor, ids: &Ids) -> crate::server::testing::Answer {
        let path = ids.fill(self.path);
        if self.method == Method::GET {
            return if path.starts_with("/api/") { actor.query(&path).await } else { actor.get(&path).await };
        }
        let form: Vec<(&str, String)> = self.form.iter().map(|(name, value)| (*name, ids.fill(value))).collect();
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        actor.call(&path, &form).await
    }
}
