//! The messages of a ticket and the field for the next one, for both sides.

use leptos::{html, prelude::*, wasm_bindgen::JsCast, web_sys::HtmlTextAreaElement};

use crate::{
    links::{Piece, pieces},
    support::model::{LONGEST_MESSAGE, Message, Side},
    ui::*,
};

/// The messages in the order in which they were written. Each says in words which side wrote it.
#[component]
pub(crate) fn Conversation(
    /// The messages.
    messages: Vec<Message>,
    /// What the customer's side is called.
    customer: &'static str,
    /// What support's side is called.
    staff: &'static str,
) -> impl IntoView {
    let messages = messages
        .into_iter()
        .map(|message| {
            let (class, side, tone) = match message.side {
                Side::Customer => ("message", customer, Tone::Neutral),
                Side::Staff => ("message message-staff", staff, Tone::Accent),
            };
            view! {
                <li class=class>
                    <div class="message-head">
                        <Avatar name=message.author.clone() small=true />
                        <strong class="message-author">{message.author}</strong>
                        <Badge text=side tone />
                        <span class="message-when"><Time when=message.written /></span>
                    </div>
                    <MessageText content=message.content />
                </li>
            }
        })
        .collect_view();
    view! { <ol class="conversation" aria-label="Messages">{messages}</ol> }
}

/// Somebody's text: never markup, with its line breaks, web addresses as links.
#[component]
fn MessageText(content: String) -> impl IntoView {
    let pieces = pieces(&content)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned().into_any(),
            Piece::Link(address) => {
                let (href, text) = (address.to_owned(), address.to_owned());
                view! { <a href=href rel="external nofollow noopener noreferrer" target="_blank">{text}</a> }.into_any()
            }
        })
        .collect_view();
    view! { <div class="message-text">{pieces}</div> }
}

/// The field for the next message; stands inside the form that sends it and is emptied once that was done, unless somebody has
/// written on meanwhile.
#[component]
pub(crate) fn ReplyBox(
    /// The form's state.
    form: FormState,
    /// The ticket.
    id: String,
    /// What the field is called.
    label: &'static str,
    /// A sentence of help.
    hint: &'static str,
    /// What the button says.
    button: &'static str,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let sent = StoredValue::new(None);
    Effect::new(move |_| {
        if form.pending().get() {
            sent.set_value(text_area(place).map(|text| text.value()));
        }
    });
    form.on_success(move || {
        if let Some(text) = text_area(place).filter(|text| sent.get_value().as_ref() == Some(&text.value())) {
            text.set_value("");
        }
    });
    view! {
        <div class="form" node_ref=place>
            <FormError form />
            <input type="hidden" name="form[id]" value=id />
            <TextArea
                form
                name="form[message]"
                label=label
                hint=hint
                rows=5
                required=true
                maxlength=u32::try_from(LONGEST_MESSAGE).unwrap_or(u32::MAX)
            />
            <div class="form-actions">
                <SubmitButton form label=button pending_label="Sending…" />
            </div>
        </div>
    }
}

/// The control in which the message is written.
fn text_area(place: NodeRef<html::Div>) -> Option<HtmlTextAreaElement> {
    place.get_untracked()?.query_selector("textarea").ok()??.dyn_into().ok()
}
