//! Fonts that the operator adds. None can be relied on to be installed, so the tests make one: a font of the program under
//! another name, which says that it has one character only.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
};

use futures::FutureExt;
use time::macros::date;
use tokio::sync::Semaphore;
use typst::layout::{Frame, FrameItem};

use super::{Document, Fonts, FontsError, Source, Typeset, lay_out, off_thread, typeset};

static TEMPLATE: LazyLock<Source> =
    LazyLock::new(|| Source::detached(r#"#set text(font: "Inter V"); #json("data.json") #json("itself.json").missing.len()"#));
/// None of the program's fonts has it.
const RARE: char = '株';

fn document<'a>(data: &'a &'a str) -> Document<'a, &'a str> {
    Document { template: &TEMPLATE, data, one_page: true, dated: date!(2026 - 11 - 01), ident: "test".to_owned() }
}

fn made(data: &str, fonts: &Fonts) -> Typeset {
    typeset(&document(&data), fonts).unwrap()
}

/// The families that a text is printed with, in its order, and the text.
fn families(data: &str, fonts: &Fonts) -> Vec<(String, String)> {
    fn collect(frame: &Frame, runs: &mut Vec<(String, String)>) {
        for (_, item) in frame.items() {
            match item {
                FrameItem::Group(group) => collect(&group.frame, runs),
                FrameItem::Text(run) => runs.push((run.font.info().family.clone(), run.text.to_string())),
                _ => {}
            }
        }
    }
    let mut runs = vec![];
    for page in lay_out(&document(&data), fonts).unwrap().0.pages() {
        collect(&page.frame, &mut runs);
    }
    runs
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("foyer-fonts-{}-{name}", std::process::id()));
        std::fs::create_dir_all(path.join("deeper")).unwrap();
        Self(path)
    }

    fn with(self, file: &str, content: &[u8]) -> Self {
        std::fs::write(self.0.join(file), content).unwrap();
        self
    }

    fn fonts(&self) -> Result<Fonts, FontsError> {
        Fonts::with_folder(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn dejavu() -> &'static [u8] {
    let wanted = |font: &typst::text::Font| font.info().family == "DejaVu Sans Mono";
    typst_assets::fonts().find(|file| typst::text::Font::iter(typst::foundations::Bytes::new(*file)).any(|font| wanted(&font))).unwrap()
}

/// The family "Folder Sans Mono" with one character, which looks like another one.
fn rare_font() -> Vec<u8> {
    let mut font = dejavu().to_vec();
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    for (old, new) in [(utf16("DejaVu"), utf16("Folder")), (b"DejaVu".to_vec(), b"Folder".to_vec())] {
        let places: Vec<usize> = font.windows(old.len()).enumerate().filter_map(|(at, part)| (part == old).then_some(at)).collect();
        for at in places {
            font[at..at + new.len()].copy_from_slice(&new);
        }
    }
    let entry = font.windows(4).position(|tag| tag == b"cmap").unwrap();
    let table = u32::from_be_bytes(font[entry + 8..entry + 12].try_into().unwrap()) as usize;
    let (rare, glyph) = (u32::from(RARE), 36);
    // One subtable (platform 3, encoding 10) of format 12 with one group.
    let head = [0, 1, 3, 10, 0, 12, 12, 0].map(u16::to_be_bytes).concat();
    let group = [28, 0, 1, rare, rare, glyph].map(u32::to_be_bytes).concat();
    font[table..table + 16].copy_from_slice(&head);
    font[table + 16..table + 40].copy_from_slice(&group);
    font
}

#[test]
fn a_font_of_the_folder_prints_what_ours_lack() {
    let folder = Folder::new("rare").with("deeper/rare.TTF", &rare_font()).with("readme.txt", b"no font");
    let fonts = folder.fonts().unwrap();
    let runs = families("Ω 株", &fonts);
    assert!(runs.contains(&("Folder Sans Mono".to_owned(), "株".to_owned())), "{runs:?}");
    assert!(runs.iter().any(|(family, text)| family == "Inter V" && text.contains('Ω')), "{runs:?}");
    let typeset = made("Ω 株", &fonts);
    assert!(typeset.missing.is_empty());
    assert_eq!(typeset.file, made("Ω 株", &fonts).file);
    assert_eq!(typeset.file, made("Ω 株", &folder.fonts().unwrap()).file, "after another start");
}

#[test]
fn characters_that_no_font_has_are_reported_and_known_to_the_template() {
    let typeset = made("Ω 株式株 🚀", &Fonts::default());
    assert_eq!(typeset.missing.iter().collect::<String>(), "式株🚀");
    assert_eq!(typeset.file, made("Ω 株式株 🚀", &Fonts::default()).file);
    assert_eq!(families("株式", &Fonts::default()).last().unwrap().1, "株式 2");
}

#[test]
fn the_folder_replaces_none_of_our_fonts() {
    let mut damaged = dejavu().to_vec();
    damaged[12..].reverse();
    let folder = Folder::new("ours").with("damaged.ttf", &damaged).with("same.ttf", dejavu());
    let fonts = folder.fonts().unwrap();
    assert_eq!(made("Ω ☎", &fonts).file, made("Ω ☎", &Fonts::default()).file);
}

#[test]
fn a_font_that_is_gone_after_the_start_leaves_a_box() {
    let folder = Folder::new("gone").with("rare.ttf", &rare_font());
    let fonts = folder.fonts().unwrap();
    drop(folder);
    assert_eq!(made("株", &fonts).missing.into_iter().collect::<String>(), "株");
}

#[tokio::test]
async fn a_document_that_nobody_waits_for_any_more_keeps_its_turn_until_it_is_made() {
    let turns = Arc::new(Semaphore::new(1));
    let (finish, wait) = std::sync::mpsc::channel();
    let made = off_thread(&turns, move || {
        wait.recv().unwrap();
        Ok(Typeset { file: vec![], missing: BTreeSet::new() })
    });
    assert!(made.now_or_never().is_none());
    assert_eq!(turns.available_permits(), 0);
    finish.send(()).unwrap();
    let _turn = tokio::time::timeout(Duration::from_secs(10), turns.acquire()).await.unwrap();
}

#[test]
fn a_folder_without_fonts_is_told_to_the_operator() {
    let empty = Folder::new("empty").with("broken.otf", b"no font").with("readme.txt", b"no font");
    assert!(matches!(empty.fonts(), Err(FontsError::Empty(_))));
    let nowhere = empty.0.join("nowhere");
    assert!(matches!(Fonts::with_folder(&nowhere), Err(FontsError::Unreadable { path, .. }) if path == nowhere));
}
