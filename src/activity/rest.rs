//! The export. A form post, because it leaves an entry of its own and a GET changes nothing; the answer is a file, which a
//! browser saves without leaving the page, with and without JavaScript.

use axum::{
    Form, Router,
    body::Body,
    extract::State,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::stream::{self, TryStreamExt};
use serde::Deserialize;

use super::{
    events,
    export::Format,
    filter::Filter,
    model::Asked,
    store::{self, Record},
};
use crate::{
    access::Permission,
    error::AppError,
    ids::CustomerId,
    server::{
        caller::Caller,
        database::{Database, Scope},
        error_page::{self, WayOn},
        state::AppState,
    },
};

/// Entries read and written at once.
const BATCH: i64 = 500;

/// The routes of activity.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/activity/export", post(export_activity))
}

/// The form: a format, and the filter as it stands in the page's address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ExportForm {
    format: String,
    person: String,
    area: String,
    period: String,
    from: String,
    to: String,
}

async fn export_activity(State(state): State<AppState>, parts: Parts, Form(form): Form<ExportForm>) -> Response {
    match begin(form, &parts).await {
        Ok((name, export)) => file(&name, export),
        Err(error) => error_page::respond(&state.leptos, &parts.headers, &error, WayOn { path: "/activity", label: "Back to activity" }),
    }
}

/// An export on its way: each batch is read in a transaction of its own, so that a slow reader holds no connection.
struct Export {
    database: Database,
    customer_id: CustomerId,
    format: Format,
    filter: Filter,
    /// The number of the last entry that was written.
    after: i64,
    /// The number of the last entry that belongs to the export.
    last: i64,
    written: Written,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Nothing,
    Beginning,
    Entries,
    All,
}

/// Notes the export in the trail before its first byte is sent.
async fn begin(form: ExportForm, parts: &Parts) -> Result<(String, Export), AppError> {
    let caller = Caller::from_parts(parts, Permission::ViewActivity).await?;
    let format: Format = form.format.parse().map_err(|message: String| AppError::invalid("format", message))?;
    let ExportForm { person, area, period, from, to, .. } = form;
    let filter = Filter::read(&Asked { person, area, period, from, to, ..Asked::default() }, caller.now());
    let mut tx = caller.begin().await?;
    let extent = store::measure(&mut tx, caller.customer_id(), &filter).await?;
    tx.commit(events::exported(format, &filter, extent.rows)).await?;
    let export = Export {
        database: caller.state().database.clone(),
        customer_id: caller.customer_id(),
        format,
        filter,
        after: 0,
        last: extent.last,
        written: Written::Nothing,
    };
    Ok((format.file_name(caller.customer_name(), caller.now().date()), export))
}

fn file(name: &str, export: Export) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(export.format.content_type())),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    // An error in mid-stream breaks the connection off: the browser reports the download as failed.
    let chunks = stream::try_unfold(export, Export::next).inspect_err(|error| tracing::error!(%error, "an export broke off"));
    (headers, Body::from_stream(chunks)).into_response()
}

type ExportError = Box<dyn std::error::Error + Send + Sync>;

impl Export {
    /// The next piece of the file; none after the end.
    async fn next(mut self) -> Result<Option<(String, Self)>, ExportError> {
        match self.written {
            Written::All => Ok(None),
            Written::Nothing => {
                self.written = Written::Beginning;
                Ok(Some((self.format.beginning(), self)))
            }
            Written::Beginning | Written::Entries => {
                let records = self.read().await?;
                let Some(end) = records.last() else {
                    self.written = Written::All;
                    return Ok(Some((self.format.end().to_owned(), self)));
                };
                self.after = end.chain_number;
                let first = self.written == Written::Beginning;
                let entries = records.iter().enumerate().map(|(index, record)| self.format.entry(record, first && index == 0));
                let piece = entries.collect::<Result<String, _>>()?;
                self.written = Written::Entries;
                Ok(Some((piece, self)))
            }
        }
    }

    async fn read(&self) -> Result<Vec<Record>, sqlx::Error> {
        let mut transaction = self.database.begin(Scope::Customer(self.customer_id)).await?;
        let records = store::list_from(&mut transaction, self.customer_id, &self.filter, (self.after, self.last), BATCH).await?;
        transaction.rollback().await?;
        Ok(records)
    }
}
