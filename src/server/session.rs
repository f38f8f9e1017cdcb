//! Sessions: a 256-bit token in a cookie (`cookie.rs`), its SHA-256 in PostgreSQL.

use axum::http::{HeaderName, HeaderValue};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{
    cookie,
    database::{self, Scope},
    entropy::sha256,
    flash,
    scope::RequestScope,
    state::AppState,
};
use crate::{
    error::AppError,
    ids::{CustomerId, PortalSessionId, SessionId, UserId},
};

/// For so long after the person has proved who they are, the most sensitive changes ask for nothing more.
pub const FRESH: Duration = Duration::minutes(5);

/// How long a session lasts, at most and without use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// A working day: 24 hours, and one hour without use (NIST SP 800-63B-4, AAL2).
    Day,
    /// "Keep me signed in": 30 days, and 7 days without use. A week bridges a weekend and a short leave, and a browser that
    /// was forgotten somewhere is out after it.
    Month,
}

impl Lifetime {
    fn whole(self) -> Duration {
        match self {
            Self::Day => Duration::DAY,
            Self::Month => Duration::days(30),
        }
    }

    fn without_use(self) -> Duration {
        match self {
            Self::Day => Duration::HOUR,
            Self::Month => Duration::WEEK,
        }
    }
}

/// A session to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewSession {
    /// The person who has just proved who they are.
    pub user_id: UserId,
    /// The customer at which they begin; with several, the switcher leads to the others.
    pub customer_id: Option<CustomerId>,
    /// How long it lasts.
    pub lifetime: Lifetime,
    /// How strongly they have proved it.
    pub strength: Strength,
}

/// How strongly somebody has proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// By one factor: a password, a mailed code.
    OneFactor,
    /// By two: with a second factor, or by a passkey that knows its person.
    TwoFactors,
    /// The identity provider of this customer vouches: there it counts as two factors, elsewhere as nothing.
    Provider(CustomerId),
}

/// How much longer a browser keeps the cookie of a session that the SaaS opened: by it the person is led back to where they
/// came from. Rows of ended sessions are kept as long.
const AFTERLIFE: Duration = Duration::hours(24);

/// Signs a person in: stores a new session and answers with its cookie.
///
/// # Errors
/// If the database does not answer.
pub async fn create(connection: &mut PgConnection, request: &RequestScope, new: NewSession) -> Result<(), AppError> {
    let NewSession { user_id, customer_id, lifetime, strength } = new;
    let row = Row { user_id: Some(user_id), customer_id, portal_session_id: None, authenticated_at: request.now, lifetime, strength };
    let token = insert(connection, request, row).await?;
    cookie::set_session(&request.state.config, &token, (lifetime == Lifetime::Month).then_some(lifetime.whole()));
    Ok(())
}

/// Lets somebody in for whom the SaaS opened a session: for a working day, with the limits of that portal session. For the
/// most sensitive changes it is as fresh as a sign-in: the SaaS has just sent the person here.
///
/// # Errors
/// If the database does not answer.
pub async fn create_limited(
    connection: &mut PgConnection,
    request: &RequestScope,
    user_id: Option<UserId>,
    customer_id: CustomerId,
    portal_session_id: PortalSessionId,
) -> Result<(), AppError> {
    let lifetime = Lifetime::Day;
    let (customer_id, portal_session_id, strength) = (Some(customer_id), Some(portal_session_id), Strength::OneFactor);
    let row = Row { user_id, customer_id, portal_session_id, authenticated_at: request.now, lifetime, strength };
    let token = insert(connection, request, row).await?;
    cookie::set_session(&request.state.config, &token, Some(lifetime.whole() + AFTERLIFE));
    Ok(())
}

/// Signs a person in for whom a customer's own provider vouches: at this customer and at no other. Whoever runs the
/// provider could say that they are anybody, so nothing of the person's beyond this customer may be in reach.
///
/// # Errors
/// If the database does not answer.
pub async fn create_by_sso(
    connection: &mut PgConnection,
    request: &RequestScope,
    user_id: UserId,
    customer_id: CustomerId,
    authenticated_at: OffsetDateTime,
    lifetime: Lifetime,
) -> Result<(), AppError> {
    let (strength, user_id, customer_id) = (Strength::Provider(customer_id), Some(user_id), Some(customer_id));
    let row = Row { user_id, customer_id, portal_session_id: None, authenticated_at, lifetime, strength };
    let token = insert(connection, request, row).await?;
    cookie::set_session(&request.state.config, &token, (lifetime == Lifetime::Month).then_some(lifetime.whole()));
    Ok(())
}

/// A session as it is stored.
struct Row {
    user_id: Option<UserId>,
    customer_id: Option<CustomerId>,
    portal_session_id: Option<PortalSessionId>,
    /// When the person proved who they are.
    authenticated_at: OffsetDateTime,
    lifetime: Lifetime,
    strength: Strength,
}

/// Stores a session and gives its token.
async fn insert(connection: &mut PgConnection, request: &RequestScope, row: Row) -> Result<String, AppError> {
    let token = request.state.entropy.hex::<32>();
    flash::forget(&request.state.config);
    if let Some(old) = request.token_hash() {
        // A token that existed before the sign-in must not survive it (session fixation).
        sqlx::query!("DELETE FROM sessions WHERE token_hash = $1", old.as_slice()).execute(&mut *connection).await?;
    }
    let token_hash = sha256(token.as_bytes());
    let provider = if let Strength::Provider(customer) = row.strength { Some(customer) } else { None };
    sqlx::query!(
        "
        INSERT INTO sessions (
            session_id, token_hash, user_id, active_customer_id, user_agent, ip, authenticated_at, created_at, last_seen_at, expires_at,
            idle_seconds, portal_session_id, two_factors, provider_customer_id
        ) VALUES ($1, $2, $3, $4, $5, $6, $13, $7, $7, $8, $9, $10, $11, $12)
        ",
        request.state.entropy.uuid(request.now),
        token_hash.as_slice(),
        row.user_id.map(UserId::as_uuid),
        row.customer_id.map(CustomerId::as_uuid),
        request.user_agent,
        request.ip,
        request.now,
        request.now + row.lifetime.whole(),
        i32::try_from(row.lifetime.without_use().whole_seconds()).unwrap_or(i32::MAX),
        row.portal_session_id.map(PortalSessionId::as_uuid),
        row.strength == Strength::TwoFactors,
        provider.map(CustomerId::as_uuid),
        row.authenticated_at,
    )
    .execute(connection)
    .await?;
    Ok(token)
}

/// Gives this browser's session a new token, at every rise of rights: whoever knew the old one gets nothing of them
/// (ASVS 5.0, 7.2.4). `proved` is how the person has just proved once more who they are, if they have; a session never gets
/// weaker by it.
///
/// # Errors
/// `SignIn` if the session has ended or got a new token meanwhile.
pub async fn renew(connection: &mut PgConnection, request: &RequestScope, proved: Option<Strength>) -> Result<(), AppError> {
    let old = request.token_hash().ok_or(AppError::SignIn)?;
    let token = request.state.entropy.hex::<32>();
    let token_hash = sha256(token.as_bytes());
    let renewed = sqlx::query!(
        "
        UPDATE sessions
           SET token_hash = $2,
               authenticated_at = CASE WHEN $3 THEN $4 ELSE authenticated_at END,
               two_factors = two_factors OR $5,
               last_seen_at = $4
         WHERE token_hash = $1 AND expires_at > $4
        RETURNING created_at, expires_at
        ",
        old.as_slice(),
        token_hash.as_slice(),
        proved.is_some(),
        request.now,
        proved == Some(Strength::TwoFactors),
    )
    .fetch_optional(connection)
    .await?
    .ok_or(AppError::SignIn)?;
    let kept = renewed.expires_at - renewed.created_at > Lifetime::Day.whole();
    cookie::set_session(&request.state.config, &token, kept.then_some(renewed.expires_at - request.now));
    Ok(())
}

/// Ends the session of this browser.
///
/// # Errors
/// If the database does not answer.
pub async fn end(connection: &mut PgConnection, request: &RequestScope, session_id: SessionId) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM sessions WHERE session_id = $1", session_id.as_uuid()).execute(connection).await?;
    cookie::set_session(&request.state.config, "", Some(Duration::ZERO));
    flash::forget(&request.state.config);
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));
    }
    Ok(())
}

/// Ends every session of a person: whoever changes a password is the only one to go on.
///
/// # Errors
/// If the database does not answer.
pub async fn end_all(connection: &mut PgConnection, user_id: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sessions WHERE user_id = $1", user_id.as_uuid()).execute(connection).await?;
    Ok(())
}

/// Makes a session one of a single factor: the second is no longer in force.
///
/// # Errors
/// If the database does not answer.
pub async fn weaken(connection: &mut PgConnection, session_id: SessionId) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE sessions SET two_factors = false WHERE session_id = $1", session_id.as_uuid()).execute(connection).await?;
    Ok(())
}

/// Makes another of the person's customers the current one of the session.
///
/// # Errors
/// If the database does not answer.
pub async fn switch(connection: &mut PgConnection, session_id: SessionId, customer_id: CustomerId) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE sessions SET active_customer_id = $2 WHERE session_id = $1", session_id.as_uuid(), customer_id.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that a person uses the portal at a customer, and pins the transaction to it: at the next sign-in they are where they
/// were last.
///
/// # Errors
/// If the database does not answer.
pub async fn note_activity(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    user_id: UserId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    database::pin(connection, customer_id).await?;
    sqlx::query!(
        "UPDATE memberships SET last_active_at = greatest(last_active_at, $3) WHERE customer_id = $1 AND user_id = $2",
        customer_id.as_uuid(),
        user_id.as_uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a session at the customer that it fell back to; beside the request.
pub(super) async fn stay(state: AppState, session_id: SessionId, customer_id: CustomerId) {
    let stayed = async {
        let mut transaction = state.database.begin(Scope::Nobody).await?;
        switch(&mut transaction, session_id, customer_id).await?;
        transaction.commit().await
    };
    if let Err(error) = stayed.await {
        tracing::warn!(%error, "could not keep a session at another customer");
    }
}

/// Notes that the session and the membership are in use; beside the request, at most once a minute.
pub(super) async fn touch(
    state: AppState,
    session_id: SessionId,
    user_id: Option<UserId>,
    customer_id: Option<CustomerId>,
    now: OffsetDateTime,
) {
    let noted = async {
        let mut transaction = state.database.begin(Scope::Nobody).await?;
        sqlx::query!("UPDATE sessions SET last_seen_at = $2 WHERE session_id = $1", session_id.as_uuid(), now)
            .execute(&mut *transaction)
            .await?;
        if let (Some(customer_id), Some(user_id)) = (customer_id, user_id) {
            note_activity(&mut transaction, customer_id, user_id, now).await?;
        }
        transaction.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "could not note the last use of a session");
    }
}
