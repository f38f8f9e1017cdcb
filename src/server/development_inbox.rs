//! The development inbox: mails are kept in a table and shown at `/dev/mail`. Routed only where it is switched on, by
//! `demo` and `dev`; in real use the pages do not exist.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use time::{OffsetDateTime, macros::format_description};
use uuid::Uuid;

use super::{
    config::Config,
    database::{Database, Scope},
    emails::escape,
    mailer::Mail,
    state::AppState,
};
use crate::{
    error::AppError,
    links::{Piece, pieces},
};

/// How many mails the list shows.
const LISTED: i64 = 200;

/// The mail as its reader sees it: it may neither run scripts nor load anything, its links open in the whole window.
const MAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; \
                           default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

/// Keeps a mail. The same mail sent twice is kept once.
///
/// # Errors
/// If the database does not answer.
pub async fn keep(database: &Database, mail: &Mail, id: Uuid, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    let mut transaction = database.begin(Scope::Nobody).await?;
    sqlx::query!(
        "
        INSERT INTO development_mails (mail_id, recipient, subject, text_body, html_body, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT DO NOTHING
        ",
        id,
        mail.to,
        mail.subject,
        mail.text,
        mail.html,
        now,
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// The inbox's pages, if it is switched on.
pub fn routes(config: &Config) -> Router<AppState> {
    if !config.development_inbox() {
        return Router::new();
    }
    Router::new()
        .route("/dev/mail", get(list))
        .route("/dev/mail/{id}", get(show))
        .route("/dev/mail/{id}/html", get(html))
        .route("/dev/mail/style.css", get(style))
}

struct Kept {
    mail_id: Uuid,
    recipient: String,
    subject: String,
    created_at: OffsetDateTime,
}

async fn list(State(state): State<AppState>) -> Result<Html<String>, Failure> {
    let mut transaction = state.database.begin(Scope::Nobody).await?;
    let mails = sqlx::query_as!(
        Kept,
        "
        SELECT mail_id,
               recipient,
               subject,
               created_at
          FROM development_mails
         ORDER BY created_at DESC, mail_id DESC
         LIMIT $1
        ",
        LISTED,
    )
    .fetch_all(&mut *transaction)
    .await?;
    let rows: String = mails.iter().map(row).collect();
    let content = if mails.is_empty() {
        "<p class=\"empty\">No mail yet. Invite somebody or ask for a new password, and the mail arrives here within a second or two. Reload the page to see it.</p>".to_owned()
    } else {
        format!("<ul>{rows}</ul>")
    };
    Ok(page("Development inbox", &format!("<p>Mails that the portal would have sent, newest first.</p>{content}")))
}

fn row(mail: &Kept) -> String {
    format!(
        "<li><a href=\"/dev/mail/{}\"><strong>{}</strong><span>{}</span><time>{}</time></a></li>",
        mail.mail_id,
        escape(&mail.subject),
        escape(&mail.recipient),
        moment(mail.created_at)
    )
}

async fn show(State(state): State<AppState>, Path(id): Path<String>) -> Result<Html<String>, Failure> {
    let id: Uuid = id.parse().map_err(|_| Failure(AppError::NotFound))?;
    let mut transaction = state.database.begin(Scope::Nobody).await?;
    let found = sqlx::query!("SELECT recipient, subject, text_body, created_at FROM development_mails WHERE mail_id = $1", id)
        .fetch_optional(&mut *transaction)
        .await?;
    let mail = found.ok_or(Failure(AppError::NotFound))?;
    let content = format!(
        "<p><a href=\"/dev/mail\">All mails</a></p><dl><dt>To</dt><dd>{}</dd><dt>Sent</dt><dd>{}</dd></dl>\
         <h2>Text</h2><pre>{}</pre><h2>HTML</h2><iframe src=\"/dev/mail/{id}/html\" title=\"The mail as HTML\"></iframe>",
        escape(&mail.recipient),
        moment(mail.created_at),
        linked(&mail.text_body)
    );
    Ok(page(&mail.subject, &content))
}

async fn html(State(state): State<AppState>, Path(id): Path<String>) -> Result<Response, Failure> {
    let id: Uuid = id.parse().map_err(|_| Failure(AppError::NotFound))?;
    let mut transaction = state.database.begin(Scope::Nobody).await?;
    let found =
        sqlx::query_scalar!("SELECT html_body FROM development_mails WHERE mail_id = $1", id).fetch_optional(&mut *transaction).await?;
    let html = found.ok_or(Failure(AppError::NotFound))?;
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(MAIL_POLICY))];
    Ok((policy, Html(html.replacen("<head>", "<head><base target=\"_top\">", 1))).into_response())
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/css"))], include_str!("development_inbox.css"))
}

fn page(title: &str, content: &str) -> Html<String> {
    let title = escape(title);
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><link rel=\"icon\" href=\"/favicon.svg\"><link rel=\"stylesheet\" href=\"/dev/mail/style.css\"></head>\
         <body><header><a href=\"/\">Back to the portal</a></header><main><h1>{title}</h1>{content}</main></body></html>"
    ))
}

/// The text with its web addresses as links.
fn linked(text: &str) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => escape(text),
        Piece::Link(address) => format!("<a href=\"{0}\">{0}</a>", escape(address)),
    };
    pieces(text).iter().map(piece).collect()
}

fn moment(at: OffsetDateTime) -> String {
    at.format(format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]:[second] UTC")).unwrap_or_default()
}

/// An error as a plain answer.
struct Failure(AppError);

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, page("No such mail", &format!("<p>{}</p><p><a href=\"/dev/mail\">All mails</a></p>", escape(&self.0.to_string()))))
            .into_response()
    }
}
