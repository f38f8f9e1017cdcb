//! The roles to choose from, each with what it may do.

use leptos::prelude::*;

use crate::{access::Role, ui::*};

/// Radio buttons named `form[role]`.
#[component]
pub fn RoleChoice(form: FormState, roles: Vec<Role>, chosen: Role) -> impl IntoView {
    let chosen = form.value("role", chosen.as_str());
    let message = form.message("role");
    let options = roles.into_iter().map(|role| {
        let id = format!("role-{role}").to_lowercase();
        let label_for = id.clone();
        let summary = format!("{id}-summary");
        let described_by = summary.clone();
        view! {
            <label class="team-role" for=label_for>
                <input
                    type="radio"
                    id=id
                    name="form[role]"
                    value=role.as_str()
                    checked=role.as_str() == chosen
                    required
                    aria-describedby=described_by
                />
                <span class="team-role-label">{role.label()}</span>
                <span class="team-role-summary" id=summary>{role.summary()}</span>
            </label>
        }
    });
    view! {
        <fieldset class="team-roles" aria-describedby="role-error">
            <legend>"Role"</legend>
            {options.collect_view()}
            <p class="small"><a href="/team/roles">"What each role may do"</a></p>
            <p class="field-error" id="role-error" aria-live="polite">{move || message.get()}</p>
        </fieldset>
    }
}
