//! `/activity`

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::ListActivity,
    model::{Activity, Area, Asked, Detail, Entry, Period},
};
use crate::ui::*;

/// The page of what happened.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let part = |name| query.with(|query| query.get(name).unwrap_or_default());
        Asked {
            person: part("person"),
            area: part("area"),
            period: part("period"),
            from: part("from"),
            to: part("to"),
            before: part("before"),
            after: part("after"),
        }
    });
    let activity = Fetch::new(move || ListActivity { asked: asked.get() });
    view! {
        <PageTitle text="Activity" />
        <PageHeader
            title="Activity"
            text="Who did what, and when. Entries cannot be changed or removed: each holds a fingerprint of the one before it."
        />
        <Load resource=activity headed=true view=move |activity| view! { <Trail activity /> }.into_any() />
    }
}

#[component]
fn Trail(activity: Activity) -> impl IntoView {
    let Activity { entries, people, asked, newer, older } = activity;
    let clear = !entries.is_empty() && asked.has_filter();
    let content = if entries.is_empty() {
        view! { <NoEntries asked=asked.clone() /> }.into_any()
    } else {
        let rows = entries.into_iter().map(|entry| view! { <EntryRow entry /> }).collect_view();
        let heads = vec![Head::text("What happened"), Head::text("When"), Head::text("Address")];
        let (filter, export) = (asked.clone(), asked.clone());
        view! {
            <Card
                title=if asked.has_filter() { "Matching entries" } else { "All entries" }
                flush=true
                actions=move || view! { <Export asked=export.clone() /> }
            >
                <Table caption="Activity, the newest first" heads>{rows}</Table>
                <Places asked=filter newer older />
            </Card>
        }
        .into_any()
    };
    view! {
        <div class="stack">
            <Filters asked people clear />
            {content}
        </div>
    }
}

/// Periods as links, the rest as a form; both leave the address that shows the same list again.
#[component]
fn Filters(asked: Asked, people: Vec<(String, String)>, clear: bool) -> impl IntoView {
    let dated = !asked.from.is_empty() || !asked.to.is_empty();
    let chosen = Period::parse(&asked.period);
    let periods = Period::ALL.map(|period| {
        let current = (!dated && period == chosen).then_some("page");
        let other =
            Asked { person: asked.person.clone(), area: asked.area.clone(), period: period.as_str().to_owned(), ..Asked::default() };
        view! { <a href=other.href() aria-current=current>{period.label()}</a> }
    });
    let everybody = (String::new(), "Everybody".to_owned());
    let mut choices: Vec<_> = std::iter::once(everybody).chain(people).collect();
    if choices.iter().all(|(word, _)| *word != asked.person) {
        choices.push((asked.person.clone(), "Somebody without an entry".to_owned()));
    }
    let mut areas = vec![(String::new(), "Everything".to_owned())];
    areas.extend(Area::ALL.map(|area| (area.as_str().to_owned(), area.label().to_owned())));
    view! {
        <nav class="tabs" aria-label="Period">{periods.collect_view()}</nav>
        <div class="activity-filters">
            <FilterForm path="/activity" fields=&["person", "area", "period", "from", "to"]>
                <input type="hidden" name="period" value=asked.period />
                <SelectField name="person" label="Who" value=asked.person options=choices id="filter-person" />
                <SelectField name="area" label="Area" value=asked.area options=areas id="filter-area" />
                <TextField name="from" label="From (UTC)" kind="date" value=asked.from id="filter-from" />
                <TextField name="to" label="To (UTC)" kind="date" value=asked.to id="filter-to" />
                <FilterActions path="/activity" clear />
            </FilterForm>
        </div>
    }
}

/// The file holds what the filter lets through, on all pages.
#[component]
fn Export(asked: Asked) -> impl IntoView {
    let filter = asked.filter().into_iter().map(|(name, word)| view! { <input type="hidden" name=name value=word /> }).collect_view();
    view! {
        <form class="activity-export" method="post" action=of_page("/activity/export")>
            {filter}
            <SubmitButton label="Export CSV" name="format" value="csv" kind=ButtonKind::Secondary small=true icon=Icon::Download />
            <SubmitButton label="Export JSON" name="format" value="json" kind=ButtonKind::Secondary small=true icon=Icon::Download />
        </form>
    }
}

#[component]
fn NoEntries(asked: Asked) -> impl IntoView {
    if asked.has_filter() || asked.has_place() {
        return view! {
            <EmptyState title="Nothing matches" text="No entry fits this filter. Choose a longer time, or somebody else." icon=Icon::Search>
                <ButtonLink href="/activity" label="Clear filters" />
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState
            title="Nothing has happened yet"
            text="Every change leaves an entry here: who made it, when, from where, and what it was before. The first one appears as soon as somebody of your team changes something."
            icon=Icon::Clock
        />
    }
    .into_any()
}

#[component]
fn EntryRow(entry: Entry) -> impl IntoView {
    let address = if entry.ip.is_empty() {
        view! { <span class="muted">"Unknown"</span> }.into_any()
    } else {
        view! { <span class="activity-address">{entry.ip.clone()}</span> }.into_any()
    };
    let side = (!entry.side.is_empty()).then(|| view! { <Badge text=entry.side.clone() tone=Tone::Info />" " });
    view! {
        <tr>
            <th scope="row" data-label="What happened">
                <p class="activity-sentence"><strong>{entry.actor.clone()}</strong>" "{side}{entry.what.clone()}</p>
                <EntryDetails entry=entry.clone() />
            </th>
            <td data-label="When"><time datetime=entry.when.iso>{entry.when.exact}</time> " " <span class="activity-age">{entry.when.relative}</span></td>
            <td data-label="Address">{address}</td>
        </tr>
    }
}

/// What it was before, and what identifies the entry.
#[component]
fn EntryDetails(entry: Entry) -> impl IntoView {
    let details = entry.details.into_iter().map(|detail| view! { <DetailLine detail /> }).collect_view();
    let fact = |name: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <div><dt>{name}</dt><dd class="activity-code">{value}</dd></div> })
    };
    view! {
        <details class="disclosure activity-details">
            <summary>"Details"</summary>
            <dl class="facts">
                {details}
                <div><dt>"Time"</dt><dd>{entry.when.exact}</dd></div>
                {fact("Session", entry.session)}
                {fact("Entry", entry.number.to_string())}
                {fact("Fingerprint", entry.hash)}
            </dl>
        </details>
    }
}

#[component]
fn DetailLine(detail: Detail) -> impl IntoView {
    let before = detail.before.map(|before| view! { <del>{before}</del>" "<span class="activity-arrow"><IconView icon=Icon::Arrow /><span class="sr-only">"became"</span></span>" " });
    view! { <div><dt>{detail.name}</dt><dd>{before}<span>{detail.value}</span></dd></div> }
}

/// The ways to newer and older entries. Places stay where they are while entries are added.
#[component]
fn Places(asked: Asked, newer: Option<String>, older: Option<String>) -> impl IntoView {
    if newer.is_none() && older.is_none() {
        return ().into_any();
    }
    let filter = Asked { before: String::new(), after: String::new(), ..asked };
    let newer = newer.map(|after| Asked { after, ..filter.clone() }.href());
    let older = older.map(|before| Asked { before, ..filter.clone() }.href());
    let link = |href: Option<String>, words: &'static str, icon: Icon, class: &'static str| {
        let face = view! { <IconView icon/><span>{words}</span> };
        match href {
            Some(href) => view! { <a class=class href=href>{face}</a> }.into_any(),
            None => view! { <span class=class aria-disabled="true">{face}</span> }.into_any(),
        }
    };
    view! {
        <nav class="pager activity-places" aria-label="Pages">
            {link(newer, "Newer", Icon::Back, "pager-link")}
            {link(older, "Older", Icon::Arrow, "pager-link pager-next")}
        </nav>
    }
    .into_any()
}
