//! The fonts of documents: those compiled into the program and, after them, those of the folder that `PDF_FONTS` names.

use std::{
    fmt,
    fs::DirEntry,
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo};
use typst::utils::LazyHash;

/// What files with fonts are called.
const EXTENSIONS: [&str; 4] = ["ttf", "otf", "ttc", "otc"];

/// Why a folder gives no fonts.
#[derive(Debug, thiserror::Error)]
pub enum FontsError {
    /// It, or something in it, cannot be read.
    #[error("{} cannot be read: {error}", .path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// None of its files is a font.
    #[error("no font (.ttf, .otf, .ttc) is in {}", .0.display())]
    Empty(PathBuf),
}

/// Fonts to typeset with; cheap to clone. By default only those of the program, which are parsed when the first document is
/// made.
#[derive(Clone, Default)]
pub struct Fonts(Option<Arc<FontSet>>);

impl Fonts {
    /// The program's fonts and those in a folder and the folders in it. They print what the program's cannot: where several
    /// could, the one that is most like ours, then the first by path.
    ///
    /// # Errors
    /// When the folder cannot be read or holds no font.
    pub fn with_folder(folder: &Path) -> Result<Self, FontsError> {
        let mut set = FontSet::embedded();
        let mut found = false;
        for path in font_files(folder)? {
            let data = std::fs::read(&path).map_err(|error| FontsError::Unreadable { path: path.clone(), error })?;
            let file = Arc::new(FontFile { path, data: OnceLock::new() });
            for index in 0..FACES {
                let Some(info) = FontInfo::new(&data, index) else { break };
                found = true;
                set.add_face(info, &file, index);
            }
        }
        if found { Ok(Self(Some(Arc::new(set)))) } else { Err(FontsError::Empty(folder.to_owned())) }
    }

    /// What is known of each font.
    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        &self.set().book
    }

    /// A font by its number in the book; `None` if its file has gone.
    pub(super) fn get(&self, index: usize) -> Option<Font> {
        self.set().slots.get(index)?.font()
    }

    fn set(&self) -> &FontSet {
        static EMBEDDED: OnceLock<FontSet> = OnceLock::new();
        match &self.0 {
            Some(set) => set,
            None => EMBEDDED.get_or_init(FontSet::embedded),
        }
    }
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(set) => write!(f, "Fonts({})", set.slots.len()),
            None => f.write_str("Fonts(embedded)"),
        }
    }
}

/// More than any collection holds.
const FACES: u32 = 256;

struct FontSet {
    book: LazyHash<FontBook>,
    slots: Vec<Slot>,
}

impl FontSet {
    /// Inter for what we write; for other scripts the fonts that typst brings along (Hebrew, Arabic, symbols).
    fn embedded() -> Self {
        let files = std::iter::once(ttf_inter::REGULAR).chain(typst_assets::fonts());
        let fonts: Vec<Font> = files.flat_map(|file| Font::iter(Bytes::new(file))).collect();
        Self { book: LazyHash::new(FontBook::from_fonts(&fonts)), slots: fonts.into_iter().map(Slot::Embedded).collect() }
    }

    /// A family that the program brings along stays as it is: the folder only adds to it.
    fn add_face(&mut self, info: FontInfo, file: &Arc<FontFile>, index: u32) {
        let embedded =
            self.book.select_family(&info.family.to_lowercase()).any(|face| matches!(self.slots.get(face), Some(Slot::Embedded(_))));
        if !embedded {
            self.book.push(info);
            self.slots.push(Slot::File { file: Arc::clone(file), index, font: OnceLock::new() });
        }
    }
}

enum Slot {
    Embedded(Font),
    /// Parsed when a document needs it: fonts of East Asian scripts are large, and most documents need none.
    File {
        file: Arc<FontFile>,
        index: u32,
        font: OnceLock<Option<Font>>,
    },
}

impl Slot {
    fn font(&self) -> Option<Font> {
        match self {
            Self::Embedded(font) => Some(font.clone()),
            Self::File { file, index, font } => font.get_or_init(|| Font::new(file.data()?, *index)).clone(),
        }
    }
}

/// A file whose content is kept once it was needed.
struct FontFile {
    path: PathBuf,
    data: OnceLock<Option<Bytes>>,
}

impl FontFile {
    fn data(&self) -> Option<Bytes> {
        let read = || match std::fs::read(&self.path) {
            Ok(data) => Some(Bytes::new(data)),
            Err(error) => {
                tracing::error!(path = %self.path.display(), %error, "a font of PDF_FONTS has gone since the start");
                None
            }
        };
        self.data.get_or_init(read).clone()
    }
}

/// The files that are called like fonts, by path, so that the order is the same on every machine.
fn font_files(folder: &Path) -> Result<Vec<PathBuf>, FontsError> {
    let unreadable = |error| FontsError::Unreadable { path: folder.to_owned(), error };
    let mut entries: Vec<DirEntry> = std::fs::read_dir(folder).and_then(Iterator::collect).map_err(unreadable)?;
    entries.sort_unstable_by_key(DirEntry::path);
    let mut files = vec![];
    for entry in entries {
        let path = entry.path();
        // A link to a folder is not followed: it could lead back.
        if entry.file_type().map_err(unreadable)?.is_dir() {
            files.extend(font_files(&path)?);
        } else if path.extension().is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))) {
            files.push(path);
        }
    }
    Ok(files)
}
