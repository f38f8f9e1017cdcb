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
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Semaphore, oneshot};
use typst::comemo;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Smart};
use typst::layout::{Frame, FrameItem};
use typst::syntax::FileId;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

pub use fonts::{Fonts, FontsError};
pub use typst::syntax::Source;

/// How long a request waits for its turn before it is told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Results of typesetting are reused by the next documents and forgotten when this many passed without using them. What all
/// documents share is used by each of them; looking through the rest takes longer than making it anew.
const REMEMBERED_DOCUMENTS: usize = 1;
/// How often a document is laid out until it says of itself what is true. A sentence about boxes can need one more page.
const MOST_LAYOUTS: usize = 3;

/// The files that a template can read: its data, and what it can say of itself.
const DATA_FILE: &str = "data.json";
const ITSELF_FILE: &str = "itself.json";

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
    /// The typst source, parsed once for all documents. It reads its data with `json("data.json")`, and with
    /// `json("itself.json")` whether it has `one_page`, so that it need not count, and which characters are `missing` in all
    /// fonts: boxes stand for them, and the document should say so.
    pub template: &'static Source,
    /// What is printed.
    pub data: &'a T,
    /// Whether it will probably fit on one page: where that is right, a document that counts its pages is made faster.
    pub one_page: bool,
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

/// Makes a document outside of the threads that answer requests. `turns` bounds how many are made at the same time, also of
/// those that nobody waits for any more: see `AppState::typesetting`.
///
/// # Errors
/// [`PdfError::Busy`] when no turn came in time, otherwise what `make` answers.
pub async fn off_thread<F>(turns: &Arc<Semaphore>, make: F) -> Result<Typeset, PdfError>
where
    F: FnOnce() -> Result<Typeset, PdfError> + Send + 'static,
{
    let turn = tokio::time::timeout(LONGEST_WAIT, Arc::clone(turns).acquire_owned()).await;
    let turn = turn.map_err(|_| PdfError::Busy)?.map_err(|_| PdfError::Interrupted)?;
    let (answer, made) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        // Whoever has gone away meanwhile needs no answer, and nobody has to wait for the tidying.
        let _ = answer.send(make());
        comemo::evict(REMEMBERED_DOCUMENTS);
        drop(turn);
    });
    made.await.map_err(|_| PdfError::Interrupted)?
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
    Ok(Typeset { file: file?, missing })
}

/// What a document can say of itself, which is known when it is laid out.
#[derive(Clone, PartialEq, Eq, Serialize)]
struct Itself {
    one_page: bool,
    missing: BTreeSet<char>,
}

/// The pages of a document before they become a file, and the characters that no font has. Where some are, or
/// where it needs more pages than it was expected to, the document is laid out once more, so that it can speak of that.
///
/// # Errors
/// [`PdfError::Data`] or [`PdfError::Template`].
pub fn lay_out<T: Serialize>(document: &Document<'_, T>, fonts: &Fonts) -> Result<(PagedDocument, BTreeSet<char>), PdfError> {
    let data = Bytes::new(serde_json::to_vec(document.data)?);
    let mut itself = Itself { one_page: document.one_page, missing: BTreeSet::new() };
    let mut layouts = 0;
    loop {
        let said = Bytes::new(serde_json::to_vec(&itself)?);
        let desk = Desk { library: library(), fonts, template: document.template, data: data.clone(), itself: said };
        let paged = desk.compile()?;
        layouts += 1;
        let mut missing = BTreeSet::new();
        for page in paged.pages() {
            note_missing(&page.frame, &mut missing);
        }
        // A document that counts its pages is right in any case.
        let found = Itself { one_page: itself.one_page && paged.pages().len() == 1, missing };
        if found == itself || layouts == MOST_LAYOUTS {
            return Ok((paged, found.missing));
        }
        itself = found;
    }
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
    template: &'static Source,
    data: Bytes,
    itself: Bytes,
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
            ITSELF_FILE => Ok(self.itself.clone()),
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
