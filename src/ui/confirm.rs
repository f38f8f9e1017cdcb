//! Forms in dialogs, and forms of one button: at once, or after a question that names what will stop working.

use super::{
    button::{ButtonKind, SubmitButton},
    dialog::{Dialog, DialogCancel},
    form::{FormError, FormState},
    form_action::{FormAction, PostForm},
    icon::Icon,
};
use crate::error::AppError;
use leptos::{prelude::*, server_fn::ServerFn};
use serde::de::DeserializeOwned;

/// The form of a dialog: what went wrong, the fields, and the buttons that leave it and send it.
#[component]
pub fn DialogForm<S>(
    /// What the form sends.
    action: FormAction<S>,
    /// What the button says that sends it.
    #[prop(into)]
    submit: String,
    /// What it says while the answer is awaited.
    #[prop(into)]
    pending_label: String,
    /// How it looks.
    #[prop(default = ButtonKind::Primary)]
    kind: ButtonKind,
    /// What the button says that leaves it.
    #[prop(default = "Cancel".to_owned(), into)]
    cancel: String,
    /// The fields.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView
where
    S: ServerFn<Error = AppError> + 'static,
    S::Output: DeserializeOwned + Send + Sync + 'static,
{
    let form = FormState::of(action);
    view! {
        <PostForm action>
            <div class="form">
                <FormError form/>
                {children.map(|children| children())}
                <div class="form-actions">
                    <DialogCancel label=cancel/>
                    <SubmitButton label=submit pending_label form kind/>
                </div>
            </div>
        </PostForm>
    }
}

/// Asks before something is taken away. The children are the hidden fields of the form.
#[component]
pub fn ConfirmForm<S>(
    /// What the form sends.
    action: FormAction<S>,
    /// What the opening control says.
    #[prop(into)]
    label: String,
    /// The question.
    #[prop(into)]
    title: String,
    /// What will stop working, and whether it can be undone.
    #[prop(into)]
    text: String,
    /// What the confirming button says.
    #[prop(into)]
    confirm: String,
    /// What it says while the answer is awaited.
    #[prop(optional, into)]
    pending_label: String,
    /// How the confirming button looks.
    #[prop(default = ButtonKind::Danger)]
    kind: ButtonKind,
    /// How the opening control looks.
    #[prop(default = ButtonKind::Quiet)]
    opener: ButtonKind,
    /// On the opening control.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// For rows of tables.
    #[prop(optional)]
    small: bool,
    /// Shows only the icon of the opening control.
    #[prop(optional)]
    hide_label: bool,
    /// Hidden fields.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView
where
    S: ServerFn<Error = AppError> + 'static,
    S::Output: DeserializeOwned + Send + Sync + 'static,
{
    let form = FormState::of(action);
    // One action often serves a whole list: its error must not open the question of every row.
    view! {
        <Dialog label title text kind=opener icon small hide_label close_with=form>
            <DialogForm action submit=confirm pending_label kind>
                {children.map(|children| children())}
            </DialogForm>
        </Dialog>
    }
}

/// A form that is one button. The children are its hidden fields.
#[component]
pub fn PostButton<S>(
    /// What the form sends.
    action: FormAction<S>,
    /// What the button says.
    #[prop(into)]
    label: String,
    /// What it says while the answer is awaited.
    #[prop(optional, into)]
    pending_label: String,
    /// How it looks.
    #[prop(optional)]
    kind: ButtonKind,
    /// Before the words.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// For rows of tables.
    #[prop(optional)]
    small: bool,
    /// Hidden fields.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView
where
    S: ServerFn<Error = AppError> + 'static,
    S::Output: DeserializeOwned + Send + Sync + 'static,
{
    let form = FormState::of(action);
    view! {
        <PostForm action>
            {children.map(|children| children())}
            <SubmitButton label pending_label form kind small icon/>
        </PostForm>
    }
}
