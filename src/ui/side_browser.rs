//! What components need from the browser; `side_server.rs` is the other half.

use crate::{
    error::AppError,
    page_about::{self, PageAbout},
};
use leptos::{
    ev,
    prelude::*,
    serde_json,
    server_fn::{
        error::FromServerFnError,
        redirect::{REDIRECT_HEADER, call_redirect_hook},
    },
    wasm_bindgen::{JsCast, JsValue},
    web_sys,
};
use send_wrapper::SendWrapper;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
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

/// As long as the component or effect stands that calls it, asks `lets_go` before the page is left: for another document, where
/// the browser asks as well, by a link, and back or forth in the history of this one. The last that holds the page is asked.
pub fn hold_page(lets_go: impl Fn() -> bool + Copy + 'static) {
    let state = window().history().and_then(|history| history.state()).unwrap_or(JsValue::NULL);
    let held = address().map(|address| Rc::new(Held { address, state, lets_go: Box::new(lets_go) }));
    HELD.set(held.clone());
    // There is one thread in a browser.
    let held = SendWrapper::new(held);
    let unload = window_event_listener(ev::beforeunload, move |event| {
        if !lets_go() {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        unload.remove();
        // Somebody else may hold the page by now.
        HELD.with_borrow_mut(|now| {
            if now.as_ref().zip(held.as_ref()).is_some_and(|(now, held)| Rc::ptr_eq(now, held)) {
                *now = None;
            }
        });
    });
}

/// From now on decides, before the router hears of it, what leaving the page means: back or forth in the history comes back to
/// a page that is held, and a page that was not taken over yet is left for another document. The router would show the other
/// page inside of this one, and what the server rendered for this one would stay around it. To be called once, before the
/// router listens: listeners of the window are told in the order in which they came.
pub fn watch_leaving() {
    let here = address();
    window_event_listener(ev::popstate, move |event| {
        if !is_hydrated() {
            // A link to a place inside of the page comes here, too.
            if address() != here {
                event.stop_immediate_propagation();
                reload();
            }
            return;
        }
        let held = HELD.with_borrow(Option::clone);
        // The address is that of the other page already.
        if let Some(held) = held.filter(|held| address().as_ref() != Some(&held.address) && !(held.lets_go)()) {
            event.stop_immediate_propagation();
            _ = window().history().and_then(|history| history.push_state_with_url(&held.state, "", Some(&held.address)));
        }
    });
    window_event_listener(ev::click, |event| {
        let leaves = !is_hydrated() || document_is_coming() || was_asked_for("data-click");
        if leaves || (is_on_link(&event) && is_held()) {
            event.stop_immediate_propagation();
        }
    });
}

/// Whether the page is to be held. A link is then left to the browser, which asks before it goes to another document.
fn is_held() -> bool {
    HELD.with_borrow(Option::clone).is_some_and(|held| !(held.lets_go)())
}

/// Whether the link would be followed in place of this page.
fn is_on_link(event: &web_sys::MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    !event.default_prevented()
        && target.is_some_and(|target| target.closest("a[href]:not([target], [href^='#'])").is_ok_and(|link| link.is_some()))
}

/// Marks the document once the page is taken over, for the styles, for browser tests, and for what has to wait for it.
const HYDRATED: &str = "data-hydrated";

/// The page answers by itself from now on, instead of posting forms and following links.
pub fn mark_hydrated() {
    if let Some(root) = document().document_element() {
        _ = root.set_attribute(HYDRATED, "");
    }
}

/// Whether the page is taken over.
pub fn is_hydrated() -> bool {
    document().document_element().is_some_and(|root| root.has_attribute(HYDRATED))
}

/// Says after each step back or forth in the history where the page is now. The router's own record of it is wrong after a step
/// forth or over several pages, and it then leaves the address as it is when a link is followed to what it believes is open
/// (leptos_router 0.8.17, `complete_navigation`).
pub fn follow_history(is_at: impl Fn(&str) + 'static) {
    let listener = window_event_listener(ev::popstate, move |_| {
        if let Some(address) = address() {
            is_at(&(address + &window().location().hash().unwrap_or_default()));
        }
    });
    on_cleanup(move || listener.remove());
}

/// Whether the document is still that of its address. Who goes back after a reload, before the program has come, changes the
/// address only, and the program would take one page over as another.
pub fn is_at_its_address() -> bool {
    let entries = window().performance().map(|performance| performance.get_entries_by_type("navigation"));
    let entry = entries.and_then(|entries| entries.get(0).dyn_into::<web_sys::PerformanceEntry>().ok());
    // Where a browser does not name the document's address there is nothing to compare.
    let Some(loaded) = entry.and_then(|entry| web_sys::Url::new(&entry.name()).ok()) else { return true };
    address().is_none_or(|here| here == loaded.pathname() + &loaded.search())
}

/// Reads the document of its address anew.
pub fn reload() {
    _ = window().location().reload();
}

/// For how long a document that was asked for may take, in seconds. A file that was asked for never comes as one.
const DOCUMENT_COMES: f64 = 10.0;

/// Whether a form was sent before the page was alive, and the document that answers has not come yet.
pub fn document_is_coming() -> bool {
    was_asked_for("data-submit")
}

/// Whether before_hydration.js has noted this a short time ago. In whole seconds: reading fractions brings tables with it that are
/// a thirtieth of the first load (bench/bytes).
fn was_asked_for(by: &str) -> bool {
    let at = document().document_element().and_then(|root| root.get_attribute(by)?.parse::<u32>().ok());
    at.is_some_and(|at| web_sys::js_sys::Date::now() / 1_000.0 - f64::from(at) < DOCUMENT_COMES)
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
    static ABOUT: Cell<Option<PageAbout>> = const { Cell::new(None) };
}

/// From now on everything that the page asks for or sends is about these; `None`: about whomever the session is of.
pub fn page_is_about(about: Option<PageAbout>) {
    ABOUT.set(about);
}

/// The address of something that the page asks for or sends, with whom the page is about.
pub fn of_page(address: &str) -> String {
    page_about::address(address, ABOUT.get())
}

/// Sends fields to a server function and follows where its answer leads.
///
/// # Errors
/// The function's error, or `NoAnswer` if none of the portal's came.
pub async fn post(path: &str, fields: &str) -> Result<String, AppError> {
    answer(send(path, Some(fields)).await).await.unwrap_or(Err(AppError::NoAnswer))
}

/// Asks a server function that reads, and follows where its answer leads.
///
/// # Errors
/// The function's error, or `Unreachable` if none of the portal's answers came.
pub async fn get(address: &str) -> Result<String, AppError> {
    answer(send(address, None).await).await.unwrap_or(Err(AppError::Unreachable))
}

/// What the portal answered; `None` if no answer came whole, or only one of whatever stands between it and the browser.
async fn answer(response: Result<web_sys::Response, JsValue>) -> Option<Result<String, AppError>> {
    let response = response.ok()?;
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    let status = response.status();
    if status >= 400 {
        return match serde_json::from_slice(text.as_bytes()) {
            Ok(error) => Some(Err(error)),
            Err(_) if status >= 500 => None,
            Err(_) => Some(Err(AppError::de(text.into()))),
        };
    }
    let header = |name| response.headers().get(name).ok().flatten();
    if header(REDIRECT_HEADER).is_some() {
        call_redirect_hook(&header("location").unwrap_or_else(|| response.url()));
    }
    Some(Ok(text))
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
