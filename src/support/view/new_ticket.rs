//! `/support/new`

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::{
    access::Permission,
    error::AppError,
    rights::Rights,
    signin::{api::FindShell, model::Shell},
    support::{
        api::CreateTicket,
        model::{LONGEST_MESSAGE, LONGEST_SUBJECT},
    },
    ui::*,
};

/// The page with the form for a new ticket.
#[component]
pub fn NewTicketPage() -> impl IntoView {
    let create = FormAction::<CreateTicket>::new();
    let form = FormState::of(create);
    let navigate = use_navigate();
    form.on_success(move || {
        if let Some(Ok(id)) = create.value().get_untracked() {
            navigate(&format!("/support/{id}?done={}", Done::TicketOpened), Default::default());
        }
    });
    let shell = Fetch::new(|| FindShell {});
    // The form says for which company it is, which the server knows once it has found the session; without one there is none.
    let frame = use_context::<Fetch<Shell>>();
    let form_view = move || {
        Suspend::new(async move {
            match frame {
                Some(frame) if frame.ready().await == Err(AppError::SignIn) => ().into_any(),
                _ => view! { <TicketForm create form /> }.into_any(),
            }
        })
    };
    view! {
        <PageTitle text="New ticket" />
        <PageHeader title="New ticket" text="Tell us what happened and what you expected. Your whole team will see the ticket." back=("/support".to_owned(), "Support".to_owned()) />
        <div class="support-new">
            <Card title="Your question">
                <Transition fallback=|| ()>{form_view}</Transition>
            </Card>
            <Load resource=shell headed=true view=|shell| view! { <Shortcuts rights=shell.rights /> }.into_any() />
        </div>
    }
}

#[component]
fn TicketForm(create: FormAction<CreateTicket>, form: FormState) -> impl IntoView {
    view! {
        <PostForm action=create>
            <div class="form">
                <FormError form />
                <TextField
                    form
                    name="form[subject]"
                    label="Subject"
                    hint="One line, for example “Import stops at row 5,000”."
                    required=true
                    autocomplete="off"
                    maxlength=u32::try_from(LONGEST_SUBJECT).unwrap_or(u32::MAX)
                />
                <TextArea
                    form
                    name="form[message]"
                    label="Message"
                    hint="Up to 10,000 characters. Never send passwords or whole API keys."
                    rows=9
                    required=true
                    maxlength=u32::try_from(LONGEST_MESSAGE).unwrap_or(u32::MAX)
                />
                <div class="form-actions">
                    <SubmitButton form label="Open ticket" pending_label="Opening…" />
                    <ButtonLink href="/support" label="Cancel" kind=ButtonKind::Quiet />
                </div>
            </div>
        </PostForm>
    }
}

/// What people write tickets about although they can do it themselves: shown only to those who may.
const SHORTCUTS: [(&str, &str, Permission); 6] = [
    ("/account", "Change the billing e-mail", Permission::ManageBillingEmail),
    ("/billing", "Download an invoice", Permission::ViewBilling),
    ("/billing", "Change the plan", Permission::ManageBilling),
    ("/team?open=invite", "Invite a person", Permission::ManageTeam),
    ("/keys", "Rotate an API key", Permission::ManageKeys),
    ("/usage", "See what you have used", Permission::ViewPortal),
];

#[component]
fn Shortcuts(rights: Rights) -> impl IntoView {
    let links = SHORTCUTS
        .into_iter()
        .filter(|(_, _, permission)| rights.can(*permission))
        .map(|(href, label, _)| view! { <li><a href=href>{label}</a></li> })
        .collect_view();
    view! {
        <Card title="Done in seconds" text="You can do these yourself, without waiting for us.">
            <ul class="support-shortcuts">{links}</ul>
        </Card>
    }
}
