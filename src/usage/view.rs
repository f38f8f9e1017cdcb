//! The usage page, and the meters that the dashboard shows as well.

use std::time::Duration;

use leptos::{leptos_dom::helpers::IntervalHandle, prelude::*, task::spawn_local};
use leptos_router::{hooks::use_location, location::Url};

use super::{
    api::{FindMeters, FindUsage},
    model::{Level, Meters, Month, Point, Questions, Refreshing, Usage},
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
        <Load resource=usage headed=true view=|usage| view! { <UsageView usage /> }.into_any() />
    }
}

#[component]
fn UsageView(usage: Usage) -> impl IntoView {
    let Usage { meters, this_month, last_month, months, may_upgrade } = usage;
    let plan = format!("Against the {} plan.", meters.plan.label());
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
    let refreshing = keep_fresh(meters);
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
            <Meter label="People" used=users limit=user_limit>
                {move || (invited.get() > 0).then(|| view! { <p class="muted small">{format!("{} of them invited", grouped(invited.get()))}</p> })}
            </Meter>
        </div>
        <Advice meters may_upgrade />
        {move || (!age.read().is_empty()).then(|| view! { <p class="usage-age small">{age.get()}</p> })}
        <Freshness meters refreshing />
        <p class="sr-only" aria-live="polite">{announcement}</p>
    }
}

/// Whether the values are still asked for, and where to go when they are not.
#[component]
fn Freshness(meters: RwSignal<Meters>, refreshing: RwSignal<Refreshing>) -> impl IntoView {
    let path = use_location().pathname;
    let sentence = Memo::new(move |_| meters.with(|meters| refreshing.get().sentence(&meters.read_at)));
    let onward = move || {
        let Refreshing::Ended { signed_out } = refreshing.get() else { return None };
        let path = path.get_untracked();
        let (href, label) =
            if signed_out { (format!("/signin?next={}", Url::escape(&path)), "Sign in") } else { (path, "Reload the page to see why") };
        Some(view! { " " <a href=href rel="external">{label}</a> })
    };
    view! { <p class="usage-freshness needs-script muted small" aria-live="polite">{sentence} {onward}</p> }
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
            "{}: {} API calls, {} of storage, {} people.",
            plan.label(),
            grouped(limits.api_calls),
            storage(limits.storage_mb),
            grouped(limits.users)
        );
        let advice = if may_upgrade {
            view! {
                <div class="usage-advice">
                    <ButtonLink href=format!("/billing/plan?to={}", plan.as_str()) label kind=ButtonKind::Primary icon=Icon::Upgrade small=true />
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

/// Asks for new values while the page is visible, and at once when it becomes visible again, until there are none to be had.
fn keep_fresh(meters: RwSignal<Meters>) -> RwSignal<Refreshing> {
    let refreshing = RwSignal::new(Refreshing::default());
    let questions = StoredValue::new(Questions::default());
    let ask = move || {
        if document().hidden() {
            return;
        }
        let Some(number) = questions.try_update_value(Questions::ask) else { return };
        spawn_local(async move {
            let answer = ask_again(FindMeters {}).await;
            // The page may have been left meanwhile, or a later answer may be shown already.
            if questions.try_update_value(|questions| questions.is_news(number)) != Some(true) {
                return;
            }
            let Some(before) = refreshing.try_get_untracked() else { return };
            let after = before.after(answer.as_ref().map(|_| ()));
            if after != before {
                refreshing.try_set(after);
            }
            if let Ok(fresh) = answer
                && meters.try_get_untracked().is_some_and(|shown| shown != fresh)
            {
                meters.try_set(fresh);
            }
        });
    };
    let ended = Memo::new(move |_| matches!(refreshing.get(), Refreshing::Ended { .. }));
    // An effect, because it runs in the browser only.
    Effect::new(move |_| {
        if ended.get() {
            return;
        }
        let interval: Option<IntervalHandle> = set_interval_with_handle(ask, REFRESH).ok();
        let visible = window_event_listener_untyped("visibilitychange", move |_| ask());
        on_cleanup(move || {
            if let Some(interval) = interval {
                interval.clear();
            }
            visible.remove();
        });
    });
    refreshing
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
