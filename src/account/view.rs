//! `/account`

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::{FindAccount, FindAddresses, UpdateAccount, UpdateBillingEmail},
    model::{Account, Details, MAX_NAME},
};
use crate::{
    access::Permission,
    portal_sessions::model::DONE_PAGE,
    second_factor::{api::requirement::RequireSecondFactor, view::RequirementCard},
    ui::*,
};

/// The billing field, for links that lead straight to it.
const BILLING_FIELD: &str = "billing-email";

/// `/account`, or `/account?edit=billing-email` with the focus in that field.
#[component]
pub fn AccountPage() -> impl IntoView {
    let account = Fetch::new(|| FindAccount {});
    // Above the data, so that an answer with an error finds its form on the page that follows.
    let update = FormAction::<UpdateAccount>::new();
    FrameVersion::follow(update.version().into());
    let update_billing = FormAction::<UpdateBillingEmail>::new();
    let require = FormAction::<RequireSecondFactor>::new();
    view! {
        <PageTitle text="Account" />
        <PageHeader title="Account" text="What your company is called, and where we write to.">
            <SignedInHere>
                <ButtonLink href="/account/profile" label="Your own settings" />
            </SignedInHere>
        </PageHeader>
        <Load resource=account headed=true view=move |account| view! { <AccountView account update update_billing require /> }.into_any() />
    }
}

/// `/flow/update_billing_email`: nothing but that address, for a session that the SaaS opened for it.
#[component]
pub fn BillingEmailTask() -> impl IntoView {
    let details = Fetch::new(|| FindAddresses {});
    let update = FormAction::<UpdateBillingEmail>::new();
    FormState::of(update).on_success(|| go(DONE_PAGE));
    view! {
        <PageTitle text="Change the billing e-mail" />
        <PageHeader title="Change the billing e-mail" text="Your invoices are sent there." />
        <Load resource=details headed=true view=move |details: Details| {
            let contact = RwSignal::new(details.email.clone());
            view! { <Card title="Invoices"><BillingEmail details contact update /></Card> }.into_any()
        } />
    }
}

#[component]
fn AccountView(
    account: Account,
    update: FormAction<UpdateAccount>,
    update_billing: FormAction<UpdateBillingEmail>,
    require: FormAction<RequireSecondFactor>,
) -> impl IntoView {
    let Account { details, may_change_details, may_leave, may_change_billing_email, second_factor_required, may_change_requirement } =
        account;
    let contact = RwSignal::new(details.email.clone());
    // The sentence about invoices follows a change of the contact address in the form beside it.
    Effect::new(move |_| {
        if let Some(Ok(saved)) = update.value().get() {
            contact.set(saved.email);
        }
    });
    let of_company = details.clone();
    let company = if may_change_details {
        view! { <CompanyForm details=of_company update /> }.into_any()
    } else {
        view! { <CompanyFacts details=of_company /> }.into_any()
    };
    let billing = if may_change_billing_email {
        view! { <BillingEmail details contact update=update_billing /> }.into_any()
    } else {
        view! { <BillingFacts details /> }.into_any()
    };
    view! {
        <div class="stack account">
            <Card title="Company">{company}</Card>
            <Card title="Invoices">{billing}</Card>
            <RequirementCard required=second_factor_required may_change=may_change_requirement action=require />
            {may_leave.then(|| view! {
                <Card title="Your data" text="Export everything as one archive, or delete this account.">
                    <ButtonLink href="/account/data" label="Open your data" />
                </Card>
            })}
        </div>
    }
}

#[component]
fn CompanyForm(details: Details, update: FormAction<UpdateAccount>) -> impl IntoView {
    let form = FormState::of(update).announce(Done::Saved);
    view! {
        <PostForm action=update>
            <div class="form">
                <FormError form />
                <TextField form name="form[name]" label="Company name" value=details.name required=true autocomplete="organization" maxlength=MAX_NAME />
                <TextField
                    form
                    name="form[email]"
                    label="Contact e-mail"
                    kind="email"
                    value=details.email
                    hint="We write here about the account. We tell the old address when it changes."
                    required=true
                    autocomplete="email"
                    maxlength=254
                />
                <div class="form-actions">
                    <SubmitButton form label="Save" pending_label="Saving…" />
                </div>
            </div>
        </PostForm>
    }
}

#[component]
fn BillingEmail(details: Details, contact: RwSignal<String>, update: FormAction<UpdateBillingEmail>) -> impl IntoView {
    let form = FormState::of(update).announce(Done::Saved);
    let asked = use_query_map().with_untracked(|query| query.get("edit").is_some_and(|field| field == BILLING_FIELD));
    focus_on_arrival(asked);
    let stored = RwSignal::new(details.billing_email.clone());
    Effect::new(move |_| {
        if let Some(Ok(saved)) = update.value().get() {
            stored.set(saved.billing_email);
        }
    });
    let goes_to = move || stored.get().unwrap_or_else(|| contact.get());
    view! {
        <PostForm action=update>
            <div class="form">
                <FormError form />
                <TextField
                    form
                    id=BILLING_FIELD
                    name="form[billing_email]"
                    label="Billing e-mail"
                    kind="email"
                    value=details.billing_email.unwrap_or_default()
                    hint="Leave it empty to send invoices to the contact e-mail."
                    autocomplete="email"
                    maxlength=254
                    autofocus=asked
                />
                <p class="small muted" aria-live="polite">"Invoices go to " <strong>{goes_to}</strong> "."</p>
                <div class="form-actions">
                    <SubmitButton form label="Save billing e-mail" pending_label="Saving…" />
                </div>
            </div>
        </PostForm>
    }
}

/// Puts the cursor into the billing field when a link asked for it, by `?edit=billing-email` or `#billing-email`.
fn focus_on_arrival(asked: bool) {
    Effect::new(move |_| {
        let by_hash = window().location().hash().is_ok_and(|hash| hash.trim_start_matches('#') == BILLING_FIELD);
        if asked || by_hash {
            // After the layout has moved the focus to the new page.
            request_animation_frame(|| {
                let field = document().get_element_by_id(BILLING_FIELD);
                if let Some(field) =
                    field.and_then(|field| leptos::wasm_bindgen::JsCast::dyn_into::<leptos::web_sys::HtmlInputElement>(field).ok())
                {
                    _ = field.focus();
                    field.select();
                }
            });
        }
    });
}

#[component]
fn CompanyFacts(details: Details) -> impl IntoView {
    view! {
        <dl class="facts">
            <div><dt>"Company name"</dt><dd>{details.name}</dd></div>
            <div><dt>"Contact e-mail"</dt><dd>{details.email}</dd></div>
        </dl>
        <p class="small muted">"Owners and admins of your team can change this. " <AskLink permission=Permission::ManageAccount /></p>
    }
}

#[component]
fn BillingFacts(details: Details) -> impl IntoView {
    let goes_to = details.invoices_go_to().to_owned();
    view! {
        <dl class="facts">
            <div><dt>"Invoices go to"</dt><dd>{goes_to}</dd></div>
        </dl>
        <p class="small muted">"Owners, admins and billing people of your team can change this. " <AskLink permission=Permission::ManageBillingEmail /></p>
    }
}
