//! The form for a new key: a name is enough, the rest is there when it is wanted.

use leptos::prelude::*;

use super::secret::{CopyTask, HandedOver, hold_for_secret};
use crate::{
    keys::{
        api::{CreateKey, ListKeys},
        model::{ACCESS_ALL, ACCESS_CHOSEN, Choices, Environment, KeyList},
    },
    portal_sessions::model::DONE_PAGE,
    ui::*,
};

/// The form for a new key; the children stand beside its button.
#[component]
pub(super) fn CreateForm(action: FormAction<CreateKey>, choices: Choices, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let form = FormState::of(action);
    let expiries = choices.expiries.clone();
    let environments = Environment::ALL.map(|environment| {
        let words = match environment {
            Environment::Live => "Live: real use",
            Environment::Test => "Test: calls are not counted",
        };
        (environment.as_str().to_owned(), words.to_owned())
    });
    // Opened again when one of the fields in it is wrong.
    let wrong = ["expiry", "scopes", "networks", "calls_per_minute"].map(|field| form.message(field));
    let open = wrong.iter().any(|message| message.with_untracked(Option::is_some));
    view! {
        <PostForm action>
            <div class="form">
                <FormError form />
                <TextField form name="form[name]" label="Name" hint="What will use it, for example “Production server”." required=true maxlength=80 autocomplete="off" />
                <SelectField form name="form[environment]" id="new-environment" label="Environment" options=environments.to_vec() value="live" required=true />
                <details class="disclosure" open=open>
                    <summary>"Limits: expiry, access, addresses, calls"</summary>
                    <div class="form key-limits">
                        <SelectField form name="form[expiry]" label="Expires" options=expiries value="never" required=true hint="We tell owners and developers 14 days, 7 days and 1 day before." />
                        <LimitFields form choices access="" chosen=vec![] networks="" calls_per_minute="" />
                    </div>
                </details>
                <div class="form-actions">
                    {children.map(|children| children())}
                    <SubmitButton form label="Create key" pending_label="Creating…" />
                </div>
            </div>
        </PostForm>
    }
}

/// What a key may be used for, from where, and how often.
#[component]
pub(super) fn LimitFields(
    form: FormState,
    choices: Choices,
    #[prop(into)] access: String,
    chosen: Vec<String>,
    #[prop(into)] networks: String,
    #[prop(into)] calls_per_minute: String,
) -> impl IntoView {
    let scopes = (!choices.scopes.is_empty()).then(|| view! { <ScopeFields form choices access chosen /> });
    view! {
        {scopes}
        <TextArea form name="form[networks]" label="Allowed addresses" rows=2 value=networks hint="One address or range per line, such as 203.0.113.7 or 10.0.0.0/8. Empty: from everywhere." />
        <TextField form name="form[calls_per_minute]" label="Calls per minute" value=calls_per_minute inputmode="numeric" maxlength=9 autocomplete="off" hint="Empty: no limit of its own." />
    }
}

#[component]
fn ScopeFields(form: FormState, choices: Choices, access: String, chosen: Vec<String>) -> impl IntoView {
    let limited = form.value("access", &access) == ACCESS_CHOSEN;
    let chosen = form.value("scopes", &chosen.join(","));
    let error = form.message("scopes");
    let boxes = choices
        .scopes
        .into_iter()
        .map(|entry| {
            let (word, id) = (entry.scope.to_string(), format!("scope-{}", entry.scope));
            let checked = chosen.split(',').any(|chosen| chosen == word);
            view! {
                <div class="check-field">
                    <input type="checkbox" name="form[scopes][]" id=id.clone() value=word.clone() checked=checked />
                    <label for=id>{entry.words}" "<code class="code">{word}</code></label>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="key-scopes">
            <legend class="field-label">"Access"</legend>
            <div class="check-field">
                <input type="radio" name="form[access]" id="access-all" value=ACCESS_ALL checked=!limited />
                <label for="access-all">"Do everything that the API offers"</label>
            </div>
            <div class="check-field">
                <input type="radio" name="form[access]" id="access-chosen" value=ACCESS_CHOSEN checked=limited />
                <label for="access-chosen">"Do only what I choose"</label>
            </div>
            <div class="key-scope-list">{boxes}</div>
            <p class="field-error" aria-live="polite">{move || error.get()}</p>
        </fieldset>
    }
}

/// `/flow/create_key`: nothing but a new key, for a session that the SaaS opened for it.
#[component]
pub fn CreateKeyTask() -> impl IntoView {
    let create = FormAction::<CreateKey>::new();
    hold_for_secret(create.pending());
    let keys = Fetch::new(|| ListKeys { state: String::new(), environment: String::new(), search: String::new(), page: None });
    view! {
        <PageTitle text="Create an API key" />
        <PageHeader title="Create an API key" text="Your program signs in to the API with it." />
        <Load resource=keys headed=true view=move |list: KeyList| {
            // Posted without JavaScript, the key comes with the page; otherwise with the answer to the form.
            let handed_over = StoredValue::new(list.created);
            let choices = StoredValue::new(list.choices);
            view! {
                <div aria-live="polite">
                    {move || {
                        if let Some(Ok(created)) = create.value().get() {
                            return view! { <CopyTask created /> }.into_any();
                        }
                        match handed_over.get_value() {
                            Some(created) => view! { <HandedOver created page=DONE_PAGE /> }.into_any(),
                            None => view! { <Card title="New key"><CreateForm action=create choices=choices.get_value() /></Card> }.into_any(),
                        }
                    }}
                </div>
            }
            .into_any()
        } />
    }
}
