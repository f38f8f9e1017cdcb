//! What components need from the browser; `side_server.rs` is the other half.

use crate::{error::AppError, ids::CustomerId, page_company};
use leptos::{
    ev,
    prelude::*,
    server_fn::{
        error::FromServerFnError,
        redirect::{REDIRECT_HEADER, call_redirect_hook},
    },
    wasm_bindgen::{JsCast, JsValue, closure::Closure},
    web_sys,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use wasm_bindgen_futures::JsFuture;

/// Text for places that the server has to escape by hand; the browser takes it as it is.
pub fn raw_text(text: String) -> String {
    text
}

/// Only the server answers with a status.
pub fn set_status(_status: u16) {}

/// Only the server keeps errors.
pub fn kept_error() -> Option<String> {
    None
}

/// The error with which a form came back: one that is too long for the address stands in the head of the page.
pub fn whole_error(in_address: &str) -> String {
    let kept = document().query_selector("meta[name=form-error]").ok().flatten().and_then(|meta| meta.get_attribute("content"));
    kept.unwrap_or_else(|| in_address.to_owned())
}

/// Leaves for another page; the state of this one is of no more use.
pub fn go(path: &str) {
    _ = window().location().set_href(path);
}

/// A page that somebody should not leave without being asked.
struct Held {
    address: String,
    state: JsValue,
    lets_go: Box<dyn Fn() -> bool>,
}

thread_local! {
    static HELD: RefCell<Option<Rc<Held>>> = const { RefCell::new(None) };
}

/// As long as the component stands that calls it, asks `lets_go` before the page is left: for another document, where the browser
/// asks as well, and back or forth in the history of this one.
pub fn hold_page(lets_go: impl Fn() -> bool + Copy + 'static) {
    let state = window().history().and_then(|history| history.state()).unwrap_or(JsValue::NULL);
    HELD.set(address().map(|address| Rc::new(Held { address, state, lets_go: Box::new(lets_go) })));
    let unload = window_event_listener(ev::beforeunload, move |event| {
        if !lets_go() {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        unload.remove();
        HELD.set(None);
    });
}

/// From now on comes back to a page that is held when somebody goes back or forth in the history. To be called once, before the
/// router listens: listeners of the window are told in the order in which they came, and the router must not hear of it.
pub fn watch_history() {
    window_event_listener(ev::popstate, |event| {
        let held = HELD.with_borrow(Option::clone);
        // The address is that of the other page already.
        if let Some(held) = held.filter(|held| address().as_ref() != Some(&held.address) && !(held.lets_go)()) {
            event.stop_immediate_propagation();
            _ = window().history().and_then(|history| history.push_state_with_url(&held.state, "", Some(&held.address)));
        }
    });
}

/// Path and query of the page, as the address bar says.
fn address() -> Option<String> {
    let location = window().location();
    Some(location.pathname().ok()? + &location.search().ok()?)
}

/// Opens the browser's dialog to print the page.
pub fn print() {
    _ = window().print();
}

/// The fields of the form that is being sent, with the button that sends it, as a browser encodes them (WHATWG URL,
/// `application/x-www-form-urlencoded`).
pub fn fields_of(event: &web_sys::SubmitEvent) -> Option<String> {
    let form = event.target()?.dyn_into::<web_sys::HtmlFormElement>().ok()?;
    let fields = web_sys::FormData::new_with_form(&form).ok()?;
    // What a browser adds for a button that has a name.
    if let Some(button) = event.submitter().and_then(|button| button.dyn_into::<web_sys::HtmlButtonElement>().ok())
        && !button.name().is_empty()
    {
        fields.append_with_str(&button.name(), &button.value()).ok()?;
    }
    let fields = web_sys::UrlSearchParams::new_with_record_from_str_to_str(&fields.into()).ok()?;
    Some(fields.to_string().into())
}

thread_local! {
    static COMPANY: Cell<Option<CustomerId>> = const { Cell::new(None) };
}

/// From now on everything that the page asks for or sends is meant for this customer; `None`: for whom the session is at.
pub fn page_is_about(company: Option<CustomerId>) {
    COMPANY.set(company);
}

/// The address of something that the page asks for or sends, with the customer whom the page is about.
pub fn of_page(address: &str) -> String {
    page_company::address(address, COMPANY.get())
}

/// Sends fields to a server function and follows where its answer leads.
///
/// # Errors
/// The function's error, or `Unavailable` if the portal cannot be reached.
pub async fn post(path: &str, fields: &str) -> Result<String, AppError> {
    answer(send(path, Some(fields)).await).await
}

/// Asks a server function that reads, and follows where its answer leads.
///
/// # Errors
/// The function's error, or `Unavailable` if the portal cannot be reached.
pub async fn get(address: &str) -> Result<String, AppError> {
    answer(send(address, None).await).await
}

async fn answer(response: Result<web_sys::Response, JsValue>) -> Result<String, AppError> {
    let response = response.map_err(|_| AppError::Unavailable)?;
    let text = match response.text() {
        Ok(text) => JsFuture::from(text).await.ok().and_then(|text| text.as_string()).unwrap_or_default(),
        Err(_) => String::new(),
    };
    if response.status() >= 400 {
        return Err(AppError::de(text.into()));
    }
    let header = |name| response.headers().get(name).ok().flatten();
    if header(REDIRECT_HEADER).is_some() {
        call_redirect_hook(&header("location").unwrap_or_else(|| response.url()));
    }
    Ok(text)
}

async fn send(address: &str, fields: Option<&str>) -> Result<web_sys::Response, JsValue> {
    let headers = web_sys::Headers::new()?;
    headers.set("accept", "application/json")?;
    let request = web_sys::RequestInit::new();
    if let Some(fields) = fields {
        headers.set("content-type", "application/x-www-form-urlencoded")?;
        request.set_method("POST");
        request.set_body(&JsValue::from_str(fields));
    }
    request.set_headers(&headers);
    JsFuture::from(window().fetch_with_str_and_init(&of_page(address), &request)).await?.dyn_into()
}

/// Puts text on the clipboard. False where the browser does not offer one (pages that came over plain HTTP) or refuses.
pub async fn copy_text(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    if AsRef::<JsValue>::as_ref(&clipboard).is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

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

fn listed<T: JsCast>(nodes: web_sys::NodeList) -> impl Iterator<Item = T> {
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
