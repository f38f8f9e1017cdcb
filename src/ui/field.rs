//! Form fields: label, control, hint, and the message about what is wrong, tied together for screen readers.
//!
//! A field inside a form with a [`FormState`] finds its message and what had been typed by its name; `form[email]` and
//! `email` are the same field.

use super::{
    form::FormState,
    icon::{Icon, IconView},
    side,
};
use leptos::prelude::*;

/// The field's own name inside a nested form argument.
fn key(name: &str) -> &str {
    name.rsplit_once('[').map_or(name, |(_, inner)| inner.trim_end_matches(']'))
}

/// What all fields share.
struct Frame {
    id: String,
    label: String,
    hint: String,
    optional: bool,
    error: Signal<Option<String>>,
}

impl Frame {
    fn new(name: &str, id: String, label: String, hint: String, form: Option<FormState>, error: Option<Signal<Option<String>>>) -> Self {
        let error = error.or_else(|| form.map(|form| form.message(key(name)))).unwrap_or_default();
        let id = if id.is_empty() { format!("field-{}", key(name)) } else { id };
        Self { id, label, hint, optional: false, error }
    }

    fn described_by(&self) -> String {
        let id = &self.id;
        if self.hint.is_empty() { format!("{id}-error") } else { format!("{id}-hint {id}-error") }
    }

    fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + use<> {
        let error = self.error;
        move || error.with(Option::is_some).then_some("true")
    }

    fn around(self, control: AnyView) -> AnyView {
        let Self { id, label, hint, optional, error } = self;
        let hint_id = format!("{id}-hint");
        let error_id = format!("{id}-error");
        view! {
            <div class="field">
                <label class="field-label" for=id>
                    <span>{label}</span>
                    {optional.then(|| view! { <span class="field-optional">"optional"</span> })}
                </label>
                {control}
                {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
                <p class="field-error" id=error_id aria-live="polite">{move || error.get()}</p>
            </div>
        }
        .into_any()
    }
}

/// A line of text.
#[component]
pub fn TextField(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What to enter.
    #[prop(into)]
    label: String,
    /// The state of the form.
    #[prop(optional)]
    form: Option<FormState>,
    /// The stored value.
    #[prop(optional, into)]
    value: String,
    /// `text`, `email`, `password`, `url`, `number`.
    #[prop(default = "text")]
    kind: &'static str,
    /// A sentence of help.
    #[prop(optional, into)]
    hint: String,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// What the browser may fill in.
    #[prop(optional, into)]
    autocomplete: Option<String>,
    /// The most characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// The fewest characters.
    #[prop(optional)]
    minlength: Option<u32>,
    /// Which keyboard a phone shows.
    #[prop(optional, into)]
    inputmode: Option<String>,
    /// An example.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Whether it has the focus at first.
    #[prop(optional)]
    autofocus: bool,
    /// Whether it can only be read.
    #[prop(optional)]
    readonly: bool,
    /// Where the page has this field twice.
    #[prop(optional, into)]
    id: String,
    /// The message, where there is no form state.
    #[prop(optional, into)]
    error: Option<Signal<Option<String>>>,
) -> impl IntoView {
    let mut frame = Frame::new(&name, id, label, hint, form, error);
    frame.optional = !required && !readonly;
    let value = match form {
        Some(form) if kind != "password" => form.value(key(&name), &value),
        _ => value,
    };
    let control = view! {
        <input class="input" type=kind name=name id=frame.id.clone() value=value required=required readonly=readonly autofocus=autofocus
            autocomplete=autocomplete maxlength=maxlength.map(|most| most.to_string()) minlength=minlength.map(|fewest| fewest.to_string())
            inputmode=inputmode placeholder=placeholder aria-describedby=frame.described_by() aria-invalid=frame.invalid()/>
    };
    frame.around(control.into_any())
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What to enter.
    #[prop(into)]
    label: String,
    /// The state of the form.
    #[prop(optional)]
    form: Option<FormState>,
    /// The stored value.
    #[prop(optional, into)]
    value: String,
    /// Lines shown at first; it grows with its text.
    #[prop(default = 5)]
    rows: u32,
    /// A sentence of help.
    #[prop(optional, into)]
    hint: String,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// The most characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// An example.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Where the page has this field twice.
    #[prop(optional, into)]
    id: String,
    /// The message, where there is no form state.
    #[prop(optional, into)]
    error: Option<Signal<Option<String>>>,
) -> impl IntoView {
    let mut frame = Frame::new(&name, id, label, hint, form, error);
    frame.optional = !required;
    let value = form.map_or(value.clone(), |form| form.value(key(&name), &value));
    let control = view! {
        <textarea class="input" name=name id=frame.id.clone() rows=rows.to_string() required=required
            maxlength=maxlength.map(|most| most.to_string()) placeholder=placeholder
            aria-describedby=frame.described_by() aria-invalid=frame.invalid()>
            {side::raw_text(value)}
        </textarea>
    };
    frame.around(control.into_any())
}

/// One of several values.
#[component]
pub fn SelectField(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What to choose.
    #[prop(into)]
    label: String,
    /// Value and words of each choice.
    options: Vec<(String, String)>,
    /// The state of the form.
    #[prop(optional)]
    form: Option<FormState>,
    /// The stored value.
    #[prop(optional, into)]
    value: String,
    /// A sentence of help.
    #[prop(optional, into)]
    hint: String,
    /// Whether one must be chosen.
    #[prop(optional)]
    required: bool,
    /// Where the page has this field twice.
    #[prop(optional, into)]
    id: String,
    /// The message, where there is no form state.
    #[prop(optional, into)]
    error: Option<Signal<Option<String>>>,
) -> impl IntoView {
    let frame = Frame::new(&name, id, label, hint, form, error);
    let value = form.map_or(value.clone(), |form| form.value(key(&name), &value));
    let options = options
        .into_iter()
        .map(|(choice, words)| {
            let selected = choice == value;
            view! { <option value=choice selected=selected>{words}</option> }
        })
        .collect_view();
    let control = view! {
        <span class="select">
            <select class="input" name=name id=frame.id.clone() required=required
                aria-describedby=frame.described_by() aria-invalid=frame.invalid()>{options}</select>
            <IconView icon=Icon::ChevronDown/>
        </span>
    };
    frame.around(control.into_any())
}

/// A yes or no; sends `true` when checked.
#[component]
pub fn CheckField(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What is agreed to.
    #[prop(into)]
    label: String,
    /// Whether it is checked at first.
    #[prop(optional)]
    checked: bool,
    /// A sentence of help.
    #[prop(optional, into)]
    hint: String,
    /// Where the page has this field twice.
    #[prop(optional, into)]
    id: String,
) -> impl IntoView {
    let id = if id.is_empty() { format!("field-{}", key(&name)) } else { id };
    let hint_id = format!("{id}-hint");
    let described_by = (!hint.is_empty()).then(|| hint_id.clone());
    view! {
        <div class="check-field">
            <input type="checkbox" name=name id=id.clone() value="true" checked=checked aria-describedby=described_by/>
            <label for=id>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

/// What to search for; stands in a form that leads to the same page.
#[component]
pub fn SearchField(
    /// The name in the address.
    #[prop(into)]
    name: String,
    /// What is searched.
    #[prop(into)]
    label: String,
    /// What is searched for now.
    #[prop(optional, into)]
    value: String,
    /// An example.
    #[prop(optional, into)]
    placeholder: String,
) -> impl IntoView {
    view! {
        <label class="search-field">
            <span class="sr-only">{label}</span>
            <IconView icon=Icon::Search/>
            <input class="input" type="search" name=name value=value placeholder=placeholder/>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_nested_arguments_go_by_their_own_name() {
        assert_eq!(key("form[email]"), "email");
        assert_eq!(key("email"), "email");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn text_cannot_leave_its_field() {
        let html = Owner::new().with(|| view! { <TextArea name="body" label="Message" value="</textarea><script>"/> }.to_html());
        assert!(!html.contains("<script>"), "{html}");
    }
}
