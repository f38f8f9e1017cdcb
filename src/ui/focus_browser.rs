//! Where the focus is and goes; `focus_server.rs` is the other half.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::{
    ev,
    prelude::*,
    wasm_bindgen::{JsCast, closure::Closure},
    web_sys,
};

/// Moves the focus to the first wrong field of the form around an element, once the page has been updated.
pub fn focus_first_invalid(inside: &web_sys::Element) {
    if let Ok(Some(form)) = inside.closest("form") {
        focus_on(form, "[aria-invalid=true]");
    }
}

/// Moves the focus to the first wrong field inside an element, or to its first field or button.
pub fn focus_first(inside: &web_sys::Element) {
    let wrong = inside.query_selector("[aria-invalid=true]").ok().flatten().is_some();
    let field = if wrong { "[aria-invalid=true]" } else { "input:not([type=hidden]), textarea, select, button" };
    focus_on(inside.clone(), field);
}

/// How long a page may take to be drawn anew, once it has begun.
const DRAWN_ANEW: Duration = Duration::from_millis(500);

/// A control that had the focus, to be found again when it was drawn anew.
pub struct Focused {
    /// A selector of what it can be.
    among: String,
    tag: String,
    marks: [String; 4],
    around: String,
}

impl Focused {
    /// The control that has the focus now, if one has.
    pub fn now() -> Option<Self> {
        focused().as_ref().map(Self::of)
    }

    fn of(element: &web_sys::Element) -> Self {
        let tag = element.tag_name();
        let content = element.closest("main").is_ok_and(|main| main.is_some());
        let among = if content { format!("main {tag}") } else { tag.clone() };
        Self { among, tag, marks: marks(element), around: sent_around(element) }
    }

    /// Gives the focus back: to the same control, or to the content if that is gone. Tried until it is taken, since a dialog
    /// that is closed holds controls that do not take it.
    /// Whether it was the same control.
    pub fn restore(&self) -> bool {
        let same = self.find_again();
        if !same {
            elements("main [autofocus]").chain(elements("main")).any(takes_focus);
        }
        same
    }

    fn find_again(&self) -> bool {
        elements(&self.among).filter(|element| marks(element) == self.marks && sent_around(element) == self.around).any(takes_focus)
    }

    /// Whether the element is now a control of another row: rows that are drawn anew take the place of those before.
    fn stands_elsewhere(&self, element: &web_sys::Element) -> bool {
        matches!(self.tag.as_str(), "A" | "BUTTON" | "SUMMARY") && sent_around(element) != self.around
    }
}

/// By what a control is known.
fn marks(element: &web_sys::Element) -> [String; 4] {
    let attribute = |name| element.get_attribute(name).unwrap_or_default();
    [attribute("id"), attribute("name"), attribute("aria-label"), element.text_content().unwrap_or_default()]
}

/// What the row or form around a control sends along, for each row has the same buttons.
fn sent_around(element: &web_sys::Element) -> String {
    let around = element.closest("form, tr, li").ok().flatten();
    let hidden = around.and_then(|around| around.query_selector_all("input[type=hidden]").ok());
    let sent: Vec<String> =
        hidden.map(|inputs| listed::<web_sys::HtmlInputElement>(inputs).map(|input| input.value()).collect()).unwrap_or_default();
    sent.join(" ")
}

fn elements(selector: &str) -> impl Iterator<Item = web_sys::Element> + use<> {
    document().query_selector_all(selector).into_iter().flat_map(listed)
}

/// Those of the nodes that are of this kind, in the order of the document.
pub(super) fn listed<T: JsCast>(nodes: web_sys::NodeList) -> impl Iterator<Item = T> {
    (0..nodes.length()).filter_map(move |index| nodes.item(index)?.dyn_into().ok())
}

fn takes_focus(element: web_sys::Element) -> bool {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        _ = element.focus();
    }
    focused().as_ref() == Some(&element)
}

/// The element that has the focus; `None` if the page as a whole has it.
fn focused() -> Option<web_sys::Element> {
    document().active_element().filter(|element| element.tag_name() != "BODY")
}

/// From now on gives the focus back whenever it gets lost because what had it is no longer in the page, or now belongs to
/// something else, so that whoever works by keyboard never has to start from the top (WCAG 2.2, 2.4.3 Focus Order) and never
/// acts on another row. To be called once.
pub fn keep_focus() {
    let with_marks = |element: web_sys::Element| (Focused::of(&element), element);
    let kept = Rc::new(RefCell::new(focused().map(with_marks)));
    let comes = Rc::clone(&kept);
    window_event_listener(ev::focusin, move |event| {
        let element = event.target().and_then(|target| target.dyn_into().ok());
        comes.replace(element.map(with_marks));
    });
    // What was not there when it was looked for: a table is drawn anew in several steps.
    let missing = Rc::new(RefCell::new(None::<Focused>));
    let goes = Rc::clone(&kept);
    window_event_listener(ev::focusout, move |_| {
        let goes = Rc::clone(&goes);
        // Who pressed beside all controls has left this one. Not at once: some browsers tell of it before they take a
        // control out of the page.
        queue_microtask(move || {
            if focused().is_none() {
                goes.borrow_mut().take_if(|(_, element)| element.is_connected());
            }
        });
    });
    let changed = Closure::<dyn FnMut()>::new(move || {
        let is_lost = |(was, element): &mut (Focused, web_sys::Element)| match focused() {
            None => !element.is_connected(),
            Some(_) => was.stands_elsewhere(element),
        };
        let lost = kept.borrow_mut().take_if(is_lost);
        if let Some((lost, _)) = lost {
            if !lost.restore() {
                missing.replace(Some(lost));
                let missing = Rc::clone(&missing);
                set_timeout(move || drop(missing.take()), DRAWN_ANEW);
            }
        } else if !missing.borrow().as_ref().is_some_and(|missing| focused().is_some_and(|at| at.id() == "main") && missing.find_again()) {
            return;
        }
        // A window in the background is not told.
        kept.replace(focused().map(with_marks));
    });
    let what = web_sys::MutationObserverInit::new();
    what.set_child_list(true);
    what.set_character_data(true);
    what.set_subtree(true);
    if let Ok(observer) = web_sys::MutationObserver::new(changed.as_ref().unchecked_ref()) {
        _ = observer.observe_with_options(&document(), &what);
    }
    changed.forget();
}

fn focus_on(inside: web_sys::Element, selector: &'static str) {
    request_animation_frame(move || {
        let field = inside.query_selector(selector).ok().flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
            _ = field.focus();
        }
    });
}
