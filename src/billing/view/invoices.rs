//! The list of invoices.

use leptos::prelude::*;

use crate::billing::model::{InvoiceList, InvoiceRow, InvoiceStatus};
use crate::ui::*;

/// All invoices, twelve to a page, narrowed to a year if there are several.
#[component]
pub(super) fn Invoices(
    invoices: InvoiceList,
    /// The page that they stand on.
    path: &'static str,
) -> impl IntoView {
    let InvoiceList { page, years, year } = invoices;
    let tabs = (years.len() > 1 || year.is_some()).then(|| view! { <YearTabs years year path/> });
    let (number, per_page, total) = (page.number, page.per_page, page.total);
    let list = if page.rows.is_empty() {
        let (title, text) = match year {
            Some(year) => (format!("No invoices on this page of {year}"), "Choose another year, or all of them."),
            None if total > 0 => ("No invoices on this page".to_owned(), "The list is shorter than that. Go back to its first page."),
            None => ("No invoices yet".to_owned(), "Each month that you are charged for appears here with its invoice as a PDF."),
        };
        let back = (total > 0 || year.is_some()).then(|| view! { <ButtonLink href=path label="All invoices" kind=ButtonKind::Secondary/> });
        view! { <EmptyState title text icon=Icon::List>{back}</EmptyState> }.into_any()
    } else {
        view! {
            <Table
                caption="Invoices"
                heads=vec![Head::text("Number"), Head::text("Issued"), Head::text("State"), Head::number("Total"), Head::actions()]
            >
                {page.rows.into_iter().map(|invoice| view! { <InvoiceLine invoice/> }).collect_view()}
            </Table>
        }
        .into_any()
    };
    view! {
        <Card title="Invoices" flush=true>
            {tabs}
            {list}
            <Pager number per_page total/>
        </Card>
    }
}

#[component]
fn YearTabs(years: Vec<i32>, year: Option<i32>, path: &'static str) -> impl IntoView {
    let tab = |href: String, label: String, current: bool| {
        view! { <a href=href aria-current=current.then_some("page")>{label}</a> }
    };
    view! {
        <nav class="tabs billing-years" aria-label="Year of issue">
            {tab(path.to_owned(), "All".to_owned(), year.is_none())}
            {years.into_iter().map(|each| tab(format!("{path}?year={each}"), each.to_string(), year == Some(each))).collect_view()}
        </nav>
    }
}

#[component]
fn InvoiceLine(invoice: InvoiceRow) -> impl IntoView {
    let download = format!("Download invoice {}", invoice.number);
    let due =
        (invoice.status == InvoiceStatus::Open).then(|| view! { <span class="muted small">{format!("due {}", invoice.due.text)}</span> });
    view! {
        <tr>
            <th scope="row" data-label="Number">{invoice.number.clone()}</th>
            <td data-label="Issued"><Date day=invoice.issued.clone()/></td>
            <td data-label="State"><span class="row"><StateBadge invoice=invoice.clone()/> {due}</span></td>
            <td data-label="Total" class="number">{invoice.total.to_string()}</td>
            <td class="actions">
                <a class="link" href=of_page(&invoice.download_path()) download rel="external" aria-label=download>"Download"</a>
            </td>
        </tr>
    }
}

/// The state of an invoice in a word and a colour.
#[component]
pub fn StateBadge(
    /// Which invoice.
    invoice: InvoiceRow,
) -> impl IntoView {
    let tone = match invoice.status {
        InvoiceStatus::Paid => Tone::Good,
        InvoiceStatus::Open if invoice.past_due => Tone::Bad,
        InvoiceStatus::Open => Tone::Info,
        InvoiceStatus::Uncollectible => Tone::Warn,
        InvoiceStatus::Void => Tone::Neutral,
    };
    view! { <Badge text=invoice.state() tone/> }
}
