//! The field in which somebody chooses a password.

use leptos::prelude::*;

use crate::ui::*;

/// The field, with what is asked of a password.
#[component]
pub fn NewPasswordField(
    /// The state of the form.
    form: FormState,
    /// What to enter.
    #[prop(default = "New password")]
    label: &'static str,
    /// What saving it does besides.
    #[prop(optional)]
    consequence: &'static str,
) -> impl IntoView {
    let hint = format!("8 to 128 characters. A few unrelated words are strong and easy to remember. {consequence}");
    view! {
        <TextField
            form
            name="form[password]"
            label
            kind="password"
            hint=hint.trim_end()
            required=true
            autocomplete="new-password"
            minlength=8
            maxlength=128
        />
    }
}
