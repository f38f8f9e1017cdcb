//! `/billing/plan`: the plans side by side, and the confirmation that names the charge.

use leptos::{html, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::access::Permission;
use crate::billing::api::{ChangePlan, FindBilling};
use crate::billing::model::{Billing, PlanOffer, PlanPreview, Standing, people_text, price_text};
use crate::number::{grouped, storage};
use crate::plan::Plan;
use crate::portal_sessions::model::{DONE_PAGE, Flow};
use crate::ui::*;

/// The address of the page.
const PAGE: &str = "/billing/plan";

/// The page. `?to=pro` opens the confirmation of that plan, so that it works without JavaScript.
#[component]
pub fn PlanPage() -> impl IntoView {
    let change = FormAction::<ChangePlan>::new();
    FrameVersion::follow(change.version().into());
    let form = FormState::of(change).announce(Done::PlanChanged);
    let navigate = use_navigate();
    Effect::new(move || {
        if form.succeeded().get() {
            navigate("/billing", NavigateOptions::default());
        }
    });
    view! {
        <PageTitle text="Change plan"/>
        <PageHeader title="Change plan" text=HOW back=("/billing".to_owned(), "Billing".to_owned())/>
        <Plans change form path=PAGE/>
    }
}

/// `/flow/upgrade_plan`: nothing but the plans, for a session that the SaaS opened for it.
#[component]
pub fn UpgradePlanTask() -> impl IntoView {
    let change = FormAction::<ChangePlan>::new();
    let form = FormState::of(change);
    form.on_success(|| go(DONE_PAGE));
    view! {
        <PageTitle text="Change plan"/>
        <PageHeader title="Change plan" text=HOW/>
        <Plans change form path=Flow::UpgradePlan.page()/>
    }
}

/// How a change works.
const HOW: &str = "A change takes effect at once. Prices are for one month, plus VAT.";

/// The plans side by side, on the page with this address.
#[component]
fn Plans(change: FormAction<ChangePlan>, form: FormState, path: &'static str) -> impl IntoView {
    let billing = Fetch::again(move || change.version().get(), || FindBilling {});
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.read().get("to").and_then(|to| to.parse::<Plan>().ok()));
    view! {
        <FormError form/>
        <Load resource=billing headed=true view=move |billing: Billing| {
            let offers = billing.offers.clone();
            view! {
                <div class="stack">
                    {move || wanted.get().map(|to| view! { <Confirmation offer=billing.offer(to).cloned() change form path/> })}
                    <div class="billing-plans">
                        {offers.into_iter().map(|offer| view! { <PlanColumn offer wanted path/> }).collect_view()}
                    </div>
                </div>
            }
            .into_any()
        }/>
    }
}

#[component]
fn PlanColumn(offer: PlanOffer, wanted: Memo<Option<Plan>>, path: &'static str) -> impl IntoView {
    let PlanOffer { plan, limits, price, standing } = offer;
    let heading = format!("plan-{}", plan.as_str());
    let labelled_by = heading.clone();
    let current = standing == Standing::Current;
    let action = match standing {
        Standing::Current => view! { <p class="billing-plan-current">"This is your plan."</p> }.into_any(),
        Standing::Refused(reason) => view! { <p class="muted small">{reason} " " <ToTeam path/></p> }.into_any(),
        Standing::Open(preview) => view! {
            <Allowed permission=Permission::ManageBilling><Choice preview=preview.clone() wanted path/></Allowed>
        }
        .into_any(),
    };
    view! {
        <section
            class="billing-plan"
            class:billing-plan-is-current=current
            class:billing-plan-is-wanted=move || wanted.get() == Some(plan)
            aria-labelledby=labelled_by
        >
            <h2 id=heading>{plan.label()} {current.then(|| view! { " " <Badge text="Current" tone=Tone::Accent/> })}</h2>
            <p class="billing-plan-price"><strong>{price_text(price)}</strong> <span class="muted">{(plan != Plan::Free).then_some("a month")}</span></p>
            <ul class="billing-plan-limits">
                <li>{format!("{} API calls a month", grouped(limits.api_calls))}</li>
                <li>{format!("{} of storage", storage(limits.storage_mb))}</li>
                <li>{people_text(limits.users)} " in the team"</li>
            </ul>
            <div class="billing-plan-action">{action}</div>
        </section>
    }
}

/// The way to the confirmation of a plan, or that it is open.
#[component]
fn Choice(preview: PlanPreview, wanted: Memo<Option<Plan>>, path: &'static str) -> impl IntoView {
    let plan = preview.to;
    let (kind, verb) = if preview.is_upgrade() { (ButtonKind::Primary, "Upgrade") } else { (ButtonKind::Secondary, "Downgrade") };
    move || {
        if wanted.get() == Some(plan) {
            return view! { <p class="billing-plan-current">"Confirm above."</p> }.into_any();
        }
        view! { <ButtonLink href=format!("{path}?to={}#confirm", plan.as_str()) label=format!("{verb} to {plan}") kind/> }.into_any()
    }
}

/// The way to the page on which a team is made smaller; a task of a session that the SaaS opened has none.
#[component]
fn ToTeam(path: &'static str) -> impl IntoView {
    (path == PAGE).then(|| view! { <Allowed permission=Permission::ViewPortal><a href="/team">"Go to the team"</a></Allowed> })
}

#[component]
fn Confirmation(offer: Option<PlanOffer>, change: FormAction<ChangePlan>, form: FormState, path: &'static str) -> impl IntoView {
    match offer.map(|offer| offer.standing) {
        Some(Standing::Open(preview)) => view! {
            <Allowed permission=Permission::ManageBilling><ConfirmChange preview=preview.clone() change form path/></Allowed>
        }
        .into_any(),
        Some(Standing::Refused(reason)) => view! {
            <Notice tone=Tone::Warn title="This plan is too small for your team">
                {reason} " " <ToTeam path/>
            </Notice>
        }
        .into_any(),
        Some(Standing::Current) | None => ().into_any(),
    }
}

#[component]
fn ConfirmChange(preview: PlanPreview, change: FormAction<ChangePlan>, form: FormState, path: &'static str) -> impl IntoView {
    let (verb, doing) = if preview.is_upgrade() { ("Upgrade", "Upgrading…") } else { ("Downgrade", "Downgrading…") };
    let title = format!("{verb} from {} to {}?", preview.from, preview.to);
    let changes = preview.changes();
    let exceeded = (!preview.exceeded.is_empty()).then(|| {
        let title = format!("You already use more than {} includes", preview.to);
        let sentences = preview.exceeded.join(" ");
        view! { <Notice tone=Tone::Warn title><p>{sentences}</p></Notice> }
    });
    // Whoever chose a plan is led to its confirmation, which has appeared above the plans.
    let heading = NodeRef::<html::H2>::new();
    Effect::new(move || {
        if let Some(heading) = heading.get() {
            _ = heading.focus();
        }
    });
    view! {
        <section id="confirm" class="billing-confirm" aria-labelledby="confirm-title">
            <h2 id="confirm-title" tabindex="-1" node_ref=heading>{title}</h2>
            <p><strong>"You pay: "</strong> {preview.charge()}</p>
            {exceeded}
            <Table caption="What changes" heads=vec![Head::text("What changes"), Head::number("Now"), Head::number("From now on")]>
                {changes.into_iter().map(|(name, before, after)| view! {
                    <tr>
                        <th scope="row" data-label="What changes">{name}</th>
                        <td data-label="Now" class="number">{before}</td>
                        <td data-label="From now on" class="number">{after}</td>
                    </tr>
                }).collect_view()}
            </Table>
            <PostForm action=change>
                <input type="hidden" name="form[plan]" value=preview.to.as_str()/>
                <input type="hidden" name="form[from]" value=preview.from.as_str()/>
                <div class="form-actions">
                    <ButtonLink href=path label="Keep your plan" kind=ButtonKind::Quiet/>
                    <SubmitButton form label=preview.agreement() pending_label=doing/>
                </div>
            </PostForm>
        </section>
    }
}
