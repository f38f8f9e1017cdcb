//! `/account/data`

use leptos::prelude::*;

use super::{
    api::{CancelClosure, FindData, RequestClosure},
    model::{Closing, DataPage as Data, GRACE_DAYS},
};
use crate::ui::*;

/// The forms of the page.
#[derive(Clone, Copy)]
struct Actions {
    close: FormAction<RequestClosure>,
    cancel: FormAction<CancelClosure>,
}

/// `/account/data`: take everything along, and leave.
#[component]
pub fn DataPage() -> impl IntoView {
    let actions = Actions { close: FormAction::new(), cancel: FormAction::new() };
    // A refused deletion changes nothing, and its dialog stays open.
    let asked = RwSignal::new(0_usize);
    FormState::of(actions.close).announce(Done::ClosureRequested).on_success(move || asked.update(|count| *count += 1));
    FormState::of(actions.cancel).announce(Done::ClosureCanceled);
    let data = Fetch::again(move || asked.get() + actions.cancel.version().get(), || FindData {});
    view! {
        <PageTitle text="Your data" />
        <PageHeader
            title="Your data"
            text="Export everything whenever you like, or delete the account."
            back=("/account".into(), "Account".into())
        />
        <Load resource=data headed=true view=move |data: Data| view! { <DataView data actions /> }.into_any() />
    }
}

#[component]
fn DataView(data: Data, actions: Actions) -> impl IntoView {
    let Data { company, stops, closing } = data;
    let deletion = match closing {
        Some(closing) => view! { <Underway closing action=actions.cancel /> }.into_any(),
        None => view! { <Close company stops=stops.sentence() action=actions.close /> }.into_any(),
    };
    view! {
        <div class="stack account">
            <FormError form=FormState::of(actions.cancel) />
            <Card title="Export everything">
                <div class="stack">
                    <p>
                        "One ZIP archive with the people, invitations, API keys (never their secrets), usage, invoices as data and as PDF, tickets and the trail of changes. "
                        "Everything is in it as JSON for programs and as CSV for spreadsheets."
                    </p>
                    <p class="muted small">"The download starts at once; with thousands of invoices it takes a few minutes. The activity shows who exported."</p>
                    <form method="post" action=of_page("/api/data/export")>
                        <SubmitButton label="Export everything" kind=ButtonKind::Secondary icon=Icon::Download />
                    </form>
                </div>
            </Card>
            <Card title="Delete this account">{deletion}</Card>
        </div>
    }
}

#[component]
fn Underway(closing: Closing, action: FormAction<CancelClosure>) -> impl IntoView {
    let Closing { requested_by, requested, closes } = closing;
    view! {
        <div class="stack">
            <Notice tone=Tone::Bad title=format!("This account is deleted on {}", closes.exact)>
                <p>{requested_by} " asked for it " <Time when=requested /> ". Until then everything works, and any owner can cancel it."</p>
            </Notice>
            <PostButton action label="Cancel the deletion" pending_label="Canceling…" kind=ButtonKind::Primary />
        </div>
    }
}

#[component]
fn Close(company: String, stops: String, action: FormAction<RequestClosure>) -> impl IntoView {
    let form = FormState::of(action);
    let text = format!(
        "In {GRACE_DAYS} days: {stops} Until then any owner can cancel it. Invoices stay due, and are kept with the trail as the law says."
    );
    view! {
        <div class="stack">
            <p>{format!("Closes the portal of {company} for good and erases its data, {GRACE_DAYS} days after you ask for it. All owners are told by e-mail.")}</p>
            <Dialog label="Delete this account" title=format!("Delete the account of {company}?") text kind=ButtonKind::Danger form>
                <DialogForm action submit="Delete in 30 days" pending_label="Asking…" kind=ButtonKind::Danger cancel="Keep the account">
                    <TextField form name="form[company]" label=format!("Type “{company}” to confirm") required=true autocomplete="off" />
                </DialogForm>
            </Dialog>
        </div>
    }
}
