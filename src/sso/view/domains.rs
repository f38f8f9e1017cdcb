//! The domains on the settings page.

use leptos::prelude::*;

use super::settings::Actions;
use crate::{sso::model::DomainRow, ui::*};

/// The domains, and the record that proves each.
#[component]
pub(super) fn Domains(domains: Vec<DomainRow>, actions: Actions) -> impl IntoView {
    let list = if domains.is_empty() {
        view! { <p class="muted">"No domain yet. Add the part of your e-mail addresses after the @; a DNS record then proves that it is yours."</p> }.into_any()
    } else {
        domains.into_iter().map(|domain| view! { <DomainItem domain actions /> }).collect_view().into_any()
    };
    view! {
        <Card title="2. Your domains" text="The provider can vouch for addresses of these domains only. Whoever signs in with one joins the team.">
            <div class="stack">
                <FormError form=FormState::of(actions.verify) />
                <FormError form=FormState::of(actions.remove) />
                {list}
                <AddForm actions />
            </div>
        </Card>
    }
}

#[component]
fn AddForm(actions: Actions) -> impl IntoView {
    let form = FormState::of(actions.add);
    view! {
        <PostForm action=actions.add>
            <div class="form">
                <FormError form />
                <TextField form name="form[domain]" label="Domain" required=true maxlength=230 autocomplete="off" inputmode="url" placeholder="company.com" />
                <div class="form-actions">
                    <SubmitButton form label="Add domain" pending_label="Adding…" kind=ButtonKind::Secondary />
                </div>
            </div>
        </PostForm>
    }
}

#[component]
fn DomainItem(domain: DomainRow, actions: Actions) -> impl IntoView {
    let DomainRow { domain, record_name, record_value, verified, checked, missing } = domain;
    let is_verified = verified.is_some();
    let state = match verified {
        Some(when) => view! { <Badge text="Verified" tone=Tone::Good /> " " <Time when /> }.into_any(),
        None => view! { <Badge text="Not verified" tone=Tone::Warn /> }.into_any(),
    };
    let checked = checked.map(|when| view! { <p class="small muted">"Last looked for " <Time when /> "."</p> });
    let is_missing = missing.is_some();
    let missing = missing.map(|when| view! {
        <Notice tone=Tone::Warn title="The record is missing">
            <p>"It was first not there " <Time when /> ". A day later the domain is no longer verified. Make the record again, then check it."</p>
        </Notice>
    });
    let record = (!is_verified || is_missing).then(|| {
        view! {
            <p>"Add this TXT record to the DNS of the domain, then verify it. Keep it there: the portal looks for it once a week."</p>
            <CopyField label="Name" value=record_name />
            <CopyField label="Value" value=record_value />
        }
    });
    let (to_verify, to_remove, name) = (domain.clone(), domain.clone(), domain.clone());
    let label = if is_verified { "Check again" } else { "Verify" };
    view! {
        <section class="sso-domain" aria-label=name>
            <h3>{domain.clone()}</h3>
            <p>{state}</p>
            {missing}
            {record}
            {checked}
            <div class="form-actions">
                <PostButton action=actions.verify label pending_label="Looking for the record…" kind=ButtonKind::Secondary small=true>
                    <input type="hidden" name="form[domain]" value=to_verify />
                </PostButton>
                <ConfirmForm
                    action=actions.remove
                    label="Remove"
                    title=format!("Remove {domain}?")
                    text="Nobody new joins with an address of this domain, and the sign-in page no longer leads from it to your provider."
                    confirm="Remove domain"
                    pending_label="Removing…"
                    small=true
                >
                    <input type="hidden" name="form[domain]" value=to_remove />
                </ConfirmForm>
            </div>
        </section>
    }
}
