//! PDF documents: typst in process, with the fonts that are compiled into the program.
//!
//! A slice brings a template and typed data. The data reaches the template as a JSON file in a file system of two
//! files, so no text of a customer is ever part of the source that is compiled. Nothing is read from disk or network:
//! no system fonts, no packages, no clock.
//!
//! The same template and data give the same bytes: the document's date and identifier come from the caller.

use std::sync::OnceLock;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Semaphore;
use typst::comemo;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Smart};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// How long a request waits for its turn before it is told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Results of typesetting are reused by the next documents and forgotten when this many passed without using them.
const REMEMBERED_DOCUMENTS: usize = 12;

/// The only file a template can read.
const DATA_FILE: &str = "data.json";

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// Too many documents are being made; the same request will work in a moment.
    #[error("no turn to typeset a document came within {} s", LONGEST_WAIT.as_secs())]
    Busy,
    /// The template and its data do not fit together: a defect of ours, not of the customer.
    #[error("typesetting failed: {0}")]
    Template(String),
    /// The data cannot be written as JSON.
    #[error("the data of the document cannot be encoded: {0}")]
    Data(#[from] serde_json::Error),
    /// The thread that typeset the document ended early.
    #[error("typesetting was interrupted")]
    Interrupted,
}

/// What makes a document itself: two documents with equal parts have equal bytes.
#[derive(Clone, Debug)]
pub struct Document<'a, T> {
    /// The typst source, from `include_str!`. It reads its data with `json("/data.json")`.
    pub template: &'static str,
    /// What is printed.
    pub data: &'a T,
    /// The day shown in the properties of the file.
    pub dated: time::Date,
    /// Names the document for ever, for instance the id of an invoice. It is hashed and not shown.
    pub ident: String,
}

/// Makes a document outside of the threads that answer requests. `turns` bounds how many are made at the same time:
/// see `AppState::typesetting`.
///
/// # Errors
/// [`PdfError::Busy`] when no turn came in time, otherwise what `make` answers.
pub async fn off_thread<F>(turns: &Semaphore, make: F) -> Result<Vec<u8>, PdfError>
where
    F: FnOnce() -> Result<Vec<u8>, PdfError> + Send + 'static,
{
    let turn = tokio::time::timeout(LONGEST_WAIT, turns.acquire()).await;
    let _turn = turn.map_err(|_| PdfError::Busy)?.map_err(|_| PdfError::Interrupted)?;
    tokio::task::spawn_blocking(make).await.map_err(|_| PdfError::Interrupted)?
}

/// Typesets a document. It takes some milliseconds of processor time: call it through [`off_thread`].
///
/// The file is accessible (PDF/UA-1). Where a character exists in none of our fonts, which that standard forbids, it
/// is still tagged but makes no claim to the standard.
///
/// # Errors
/// [`PdfError::Data`] or [`PdfError::Template`].
pub fn typeset<T: Serialize>(document: &Document<'_, T>) -> Result<Vec<u8>, PdfError> {
    let paged = lay_out(document)?;
    let accessible = PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|error| PdfError::Template(error.message().to_string()))?;
    let bytes = typst_pdf::pdf(&paged, &options(document, accessible))
        .or_else(|_| typst_pdf::pdf(&paged, &options(document, PdfStandards::default())))
        .map_err(|problems| PdfError::Template(in_words(&problems)));
    comemo::evict(REMEMBERED_DOCUMENTS);
    bytes
}

/// The pages of a document before they become a file.
///
/// # Errors
/// [`PdfError::Data`] or [`PdfError::Template`].
pub fn lay_out<T: Serialize>(document: &Document<'_, T>) -> Result<PagedDocument, PdfError> {
    let desk = Desk { press: press(), template: Source::detached(document.template), data: Bytes::new(serde_json::to_vec(document.data)?) };
    typst::compile::<PagedDocument>(&desk).output.map_err(|problems| PdfError::Template(in_words(&problems)))
}

fn options<T>(document: &Document<'_, T>, standards: PdfStandards) -> PdfOptions {
    let (year, month, day) = document.dated.to_calendar_date();
    PdfOptions {
        ident: Smart::Custom(document.ident.clone()),
        creator: Smart::Custom(Some("Foyer".to_owned())),
        timestamp: Datetime::from_ymd_hms(year, month.into(), day, 0, 0, 0).map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    }
}

fn in_words(problems: &[SourceDiagnostic]) -> String {
    problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ")
}

/// What all documents share: parsed once, when the first one is made.
struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

fn press() -> &'static Press {
    static PRESS: OnceLock<Press> = OnceLock::new();
    PRESS.get_or_init(|| {
        let fonts: Vec<Font> = font_files().flat_map(|file| Font::iter(Bytes::new(file))).collect();
        Press { library: LazyHash::new(Library::default()), book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
    })
}

/// Inter for what we write; for other scripts the fonts that typst brings along (Hebrew, Arabic, symbols).
fn font_files() -> impl Iterator<Item = &'static [u8]> {
    std::iter::once(ttf_inter::REGULAR).chain(typst_assets::fonts())
}

/// The compiler's view of the world: one template and one data file.
struct Desk {
    press: &'static Press,
    template: Source,
    data: Bytes,
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id.vpath().get_without_slash() == DATA_FILE { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<typst::foundations::Duration>) -> Option<Datetime> {
        None
    }
}
