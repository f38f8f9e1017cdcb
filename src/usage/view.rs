//! The usage page, and the meters that the dashboard shows as well.

use std::time::Duration;

use leptos::{leptos_dom::helpers::IntervalHandle, prelude::*, task::spawn_local};

use super::{
    api::{FindUsage, find_meters},
    model::{Level, Meters, Month, Point, Usage},
};
use crate::{
    number::{grouped, storage},
    ui::*,
};

/// How often meters ask for new values while somebody looks at them.
const REFRESH: Duration = Duration::from_secs(15);

/// `/usage`
#[component]
pub fn UsagePage() -> impl IntoView {
    let usage = Fetch::new(|| FindUsage {});
    view! {
        <PageTitle text="Usage" />
        <PageHeader title="Usage" text="What you have used of your plan. API calls count from the first of the month, UTC." />
        <Load resource=usage view=|usage| view! { <UsageView usage /> }.into_any() />
    }
}

#[component]
fn UsageView(usage: Usage) -> impl IntoView {
    let Usage { meters, this_month, last_month, months, may_upgrade } = usage;
    let plan = format!("Against the {} plan. Refreshes by itself.", meters.plan.label());
    view! {
        <div class="stack">
            <Card title="Now" text=plan>
                <LiveMeters meters may_upgrade />
            </Card>
            <Card title="API calls by day">
                <div class="usage-charts">
                    <MonthChart month=this_month />
                    <MonthChart month=last_month />
                </div>
            </Card>
            <Card title="By month" flush=true>
                <MonthTable months />
            </Card>
        </div>
    }
}

/// The three meters. They ask for new values every 15 seconds, only while the page can be seen, and a screen reader
/// hears of a change of level only.
#[component]
pub fn LiveMeters(
    /// As the server rendered them.
    meters: Meters,
    /// Whether the person may change the plan.
    may_upgrade: bool,
) -> impl IntoView {
    let meters = RwSignal::new(meters);
    keep_fresh(meters);
    let calls = Signal::derive(move || meters.with(|meters| meters.used.api_calls));
    let stored = Signal::derive(move || meters.with(|meters| meters.used.storage_mb));
    let users = Signal::derive(move || meters.with(|meters| meters.used.users()));
    let invited = Memo::new(move |_| meters.with(|meters| meters.used.invited));
    let call_limit = Signal::derive(move || meters.with(|meters| meters.limits().api_calls));
    let storage_limit = Signal::derive(move || meters.with(|meters| meters.limits().storage_mb));
    let user_limit = Signal::derive(move || meters.with(|meters| meters.limits().users));
    let outlook = Memo::new(move |_| meters.with(|meters| meters.outlook.sentence()));
    let announcement = Memo::new(move |_| meters.with(Meters::announcement));
    let age = Memo::new(move |_| meters.with(Meters::age));
    view! {
        <div class="usage-meters">
            <Meter label="API calls" used=calls limit=call_limit>
                <p class="muted small">{outlook}</p>
            </Meter>
            <Meter label="Storage" used=stored limit=storage_limit amount=storage />
            <Meter label="Users" used=users limit=user_limit>
                {move || (invited.get() > 0).then(|| view! { <p class="muted small">{format!("{} of them invited", grouped(invited.get()))}</p> })}
            </Meter>
        </div>
        <Advice meters may_upgrade />
        {move || (!age.read().is_empty()).then(|| view! { <p class="usage-age small">{age.get()}</p> })}
        <p class="sr-only" aria-live="polite">{announcement}</p>
    }
}

/// What to do when a limit is near.
#[component]
fn Advice(meters: RwSignal<Meters>, may_upgrade: bool) -> impl IntoView {
    let needed = Memo::new(move |_| meters.with(|meters| (meters.level() > Level::Fine).then(|| meters.larger_plan()).flatten()));
    move || {
        let plan = needed.get()?;
        let limits = plan.limits();
        let label = format!("Upgrade to {}", plan.label());
        let more = format!(
            "{}: {} API calls, {} of storage, {} users.",
            plan.label(),
            grouped(limits.api_calls),
            storage(limits.storage_mb),
            grouped(limits.users)
        );
        let advice = if may_upgrade {
            view! {
                <div class="usage-advice">
                    <ButtonLink href="/billing/plan" label kind=ButtonKind::Primary icon=Icon::Upgrade small=true />
                    <span class="muted small">{more}</span>
                </div>
            }
            .into_any()
        } else {
            view! { <p class="usage-advice muted small">"An owner, admin or billing person of your team can upgrade the plan. " {more}</p> }
                .into_any()
        };
        Some(advice)
    }
}

/// Asks for new values while the page is visible, and at once when it becomes visible again.
fn keep_fresh(meters: RwSignal<Meters>) {
    let ask = move || {
        if document().hidden() {
            return;
        }
        spawn_local(async move {
            // A failed attempt leaves the earlier values; the next one comes soon.
            if let Ok(fresh) = find_meters().await
                && meters.try_get_untracked().is_some_and(|shown| shown != fresh)
            {
                meters.try_set(fresh);
            }
        });
    };
    // An effect, because it runs in the browser only.
    Effect::new(move |_| {
        let interval: Option<IntervalHandle> = set_interval_with_handle(ask, REFRESH).ok();
        let visible = window_event_listener_untyped("visibilitychange", move |_| ask());
        on_cleanup(move || {
            if let Some(interval) = interval {
                interval.clear();
            }
            visible.remove();
        });
    });
}

#[component]
fn MonthChart(month: Month) -> impl IntoView {
    let title = format!("{}: {} calls", month.name, grouped(month.api_calls));
    let bars = month.days.into_iter().map(|day| Bar { text: day.calls_text(), value: day.api_calls, label: day.label }).collect();
    view! { <BarChart title bars unit="API calls" /> }
}

#[component]
fn MonthTable(months: Vec<Point>) -> impl IntoView {
    let rows = months.into_iter().rev().map(|month| {
        let (calls, stored) = (month.calls_text(), storage(month.storage_mb));
        view! {
            <tr>
                <th scope="row" data-label="Month">{month.label}</th>
                <td data-label="API calls" class="number">{calls}</td>
                <td data-label="Storage at the end" class="number">{stored}</td>
            </tr>
        }
    });
    view! {
        <Table caption="Usage by month" heads=vec![Head::text("Month"), Head::number("API calls"), Head::number("Storage at the end")]>
            {rows.collect_view()}
        </Table>
    }
}
