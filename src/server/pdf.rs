//! PDF documents: typst in process, with the fonts that are compiled into the program and those that the operator adds.
//!
//! A slice brings a template and typed data. The data reaches the template as a JSON file in a file system of three
//! files, so no text of a customer is ever part of the source that is compiled. Nothing else is read from disk or
//! network: no system fonts, no packages, no clock.
//!
//! The same template, data and fonts give the same bytes: the document's date and identifier come from the caller.

mod fonts;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Semaphore;
use typst::comemo;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Smart};
use typst::layout::{Frame, FrameItem};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

pub use fonts::{Fonts, FontsError};

/// How long a request waits for its turn before it is told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Results of typesetting are reused by the next documents and forgotten when this many passed without using them.
const REMEMBERED_DOCUMENTS: usize = 12;

/// The files that a template can read: its data, and a text of the characters that no font has.
const DATA_FILE: &str = "data.json";
const MISSING_FILE: &str = "missing.json";

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
    /// The typst source, from `include_str!`. It reads its data with `json("data.json")`. Where `json("missing.json")` is not
    /// empty, boxes stand for these characters, and the document should say so.
    pub template: &'static str,
    /// What is printed.
    pub data: &'a T,
    /// The day shown in the properties of the file.
    pub dated: time::Date,
    /// Names the document for ever, for instance the id of an invoice. It is hashed and not shown.
    pub ident: String,
}

/// A document as a file.
#[derive(Debug)]
pub struct Typeset {
    /// The PDF.
    pub file: Vec<u8>,
    /// Characters that no font has. A box stands in their place; who copies the text gets them nevertheless.
    pub missing: BTreeSet<char>,
}

/// Makes a document outside of the threads that answer requests. `turns` bounds how many are made at the same time:
/// see `AppState::typesetting`.
///
/// # Errors
/// [`PdfError::Busy`] when no turn came in time, otherwise what `make` answers.
pub async fn off_thread<F>(turns: &Semaphore, make: F) -> Result<Typeset, PdfError>
where
    F: FnOnce() -> Result<Typeset, PdfError> + Send + 'static,
{
    let turn = tokio::time::timeout(LONGEST_WAIT, turns.acquire()).await;
    let _turn = turn.map_err(|_| PdfError::Busy)?.map_err(|_| PdfError::Interrupted)?;
    tokio::task::spawn_blocking(make).await.map_err(|_| PdfError::Interrupted)?
}

/// Typesets a document. It takes some milliseconds of processor time: call it through [`off_thread`].
///
/// The file is accessible (PDF/UA-1). Where a character exists in none of the fonts, which that standard forbids, it is
/// still tagged but makes no claim to the standard.
///
/// # Errors
/// [`PdfError::Data`] or [`PdfError::Template`].
pub fn typeset<T: Serialize>(document: &Document<'_, T>, fonts: &Fonts) -> Result<Typeset, PdfError> {
    let (paged, missing) = lay_out(document, fonts)?;
    let standard: &[PdfStandard] = if missing.is_empty() { &[PdfStandard::Ua_1] } else { &[] };
    let standards = PdfStandards::new(standard).map_err(|error| PdfError::Template(error.message().to_string()))?;
    let file = typst_pdf::pdf(&paged, &options(document, standards))
        .or_else(|_| typst_pdf::pdf(&paged, &options(document, PdfStandards::default())))
        .map_err(|problems| PdfError::Template(in_words(&problems)));
    comemo::evict(REMEMBERED_DOCUMENTS);
    Ok(Typeset { file: file?, missing })
}

/// The pages of a document before they become a file, and the characters that no font has. Only where there are such
/// characters, the document is laid out once more, so that it can speak of them.
///
/// # Errors
/// [`PdfError::Data`] or [`PdfError::Template`].
pub fn lay_out<T: Serialize>(document: &Document<'_, T>, fonts: &Fonts) -> Result<(PagedDocument, BTreeSet<char>), PdfError> {
    let mut desk = Desk {
        library: library(),
        fonts,
        template: Source::detached(document.template),
        data: Bytes::new(serde_json::to_vec(document.data)?),
        missing: Bytes::new(serde_json::to_vec("")?),
    };
    let paged = desk.compile()?;
    let mut missing = BTreeSet::new();
    for page in paged.pages() {
        note_missing(&page.frame, &mut missing);
    }
    if missing.is_empty() {
        return Ok((paged, missing));
    }
    desk.missing = Bytes::new(serde_json::to_vec(&missing.iter().collect::<String>())?);
    Ok((desk.compile()?, missing))
}

/// In every font the first glyph stands for what the font does not have.
fn note_missing(frame: &Frame, missing: &mut BTreeSet<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => note_missing(&group.frame, missing),
            FrameItem::Text(run) => {
                let boxes = run.glyphs.iter().filter(|glyph| glyph.id == 0);
                missing.extend(boxes.filter_map(|glyph| run.text.get(glyph.range())).flat_map(str::chars));
            }
            _ => {}
        }
    }
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

fn library() -> &'static LazyHash<Library> {
    static LIBRARY: OnceLock<LazyHash<Library>> = OnceLock::new();
    LIBRARY.get_or_init(|| LazyHash::new(Library::default()))
}

/// The compiler's view of the world: one template and what it can read.
struct Desk<'a> {
    library: &'static LazyHash<Library>,
    fonts: &'a Fonts,
    template: Source,
    data: Bytes,
    missing: Bytes,
}

impl Desk<'_> {
    fn compile(&self) -> Result<PagedDocument, PdfError> {
        typst::compile::<PagedDocument>(self).output.map_err(|problems| PdfError::Template(in_words(&problems)))
    }
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id.vpath().get_without_slash() {
            DATA_FILE => Ok(self.data.clone()),
            MISSING_FILE => Ok(self.missing.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index)
    }

    fn today(&self, _offset: Option<typst::foundations::Duration>) -> Option<Datetime> {
        None
    }
}
