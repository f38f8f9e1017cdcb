//! Invoices: one a month, billed in advance, numbered without a gap over all customers as the law asks.

use std::collections::HashMap;

use time::{Date, Duration, OffsetDateTime};

use super::calendar::{span, stamp};
use super::company::Company;
use super::random::Random;
use super::rows::{InvoiceLineRow, InvoiceRow, Rows};
use super::texts::places::{REVERSE_CHARGE, Vat};
use crate::money::Currency;
use crate::plan::Plan;

/// Days until an invoice is due.
const DUE_DAYS: i64 = 14;

/// Writes the invoices of all companies in the order of their numbers.
pub(super) fn write(companies: &[Company], rows: &mut Rows, today: Date) {
    let all: Vec<(&Company, Date)> = companies.iter().map(|company| (company, Date::MIN)).collect();
    write_after(&all, HashMap::new(), rows, today);
}

/// Writes the invoices issued after a day, each company's own, with the numbers that follow the last one of each year.
pub(super) fn write_after(companies: &[(&Company, Date)], mut last_number: HashMap<i32, i32>, rows: &mut Rows, today: Date) {
    // Within a day the order is a matter of chance, as with payments.
    let mut issued: Vec<(Date, i64, usize, i32)> = companies
        .iter()
        .enumerate()
        .flat_map(|(position, (company, after))| {
            let mut random = Random::of("order", company.index);
            let invoices =
                (0..company.months).map(move |back| (company.billing_day(today, back), random.between(0, i64::MAX), position, back));
            invoices.filter(move |(day, ..)| day > after)
        })
        .collect();
    issued.sort_unstable();
    for (day, _, position, back) in issued {
        let number = last_number.entry(day.year()).and_modify(|last| *last += 1).or_insert(1);
        if let Some((company, _)) = companies.get(position) {
            invoice(company, back, &format!("INV-{}-{number:06}", day.year()), rows, today);
        }
    }
}

fn invoice(company: &Company, back: i32, number: &str, rows: &mut Rows, today: Date) {
    let index = company.index * 100 + usize::try_from(back).unwrap_or(0);
    let mut random = Random::of("invoice", index);
    let issued_on = company.billing_day(today, back);
    let period_end = company.billing_day(today, back - 1) - Duration::days(1);
    let issued_at = issued_on.midnight().assume_utc() + Duration::hours(2);
    let invoice_id = random.uuid(issued_at);
    let (rate, vat_note) = vat(company);
    let mut net = 0;
    for (position, line) in (1..).zip(lines(company, issued_on, period_end, &mut random)) {
        let line_net = line.quantity * line.unit_price;
        net += line_net;
        rows.invoice_lines.push(InvoiceLineRow {
            invoice_id,
            position,
            customer_id: company.id,
            description: line.description,
            quantity: line.quantity,
            unit_price: line.unit_price,
            net: line_net,
            vat_rate_basis_points: rate,
        });
    }
    // Half a cent is rounded up, as on a till.
    let vat = (net * i64::from(rate) + 5_000) / 10_000;
    let paid_on = paid_on(company, back, issued_on, today, &mut random);
    let overdue = issued_on + Duration::days(90) < today;
    rows.invoices.push(InvoiceRow {
        invoice_id,
        customer_id: company.id,
        number: number.to_owned(),
        status: match paid_on {
            Some(_) => "paid",
            None if overdue => "uncollectible",
            None => "open",
        },
        currency: Currency::USD.code(),
        net,
        vat,
        total: net + vat,
        vat_note,
        buyer_name: company.legal_name(),
        buyer_address: buyer_address(company),
        buyer_tax_id: company.tax_id.clone(),
        buyer_email: company.billing_email.clone().or_else(|| company.people.first().map(|owner| owner.email.clone())).unwrap_or_default(),
        issued_on: issued_on.to_string(),
        due_on: (issued_on + Duration::days(DUE_DAYS)).to_string(),
        period_start: issued_on.to_string(),
        period_end: period_end.to_string(),
        paid_on: paid_on.map(|day| day.to_string()),
        payment_method: if net > 0 { company.payment_method.clone() } else { String::new() },
        created_at: stamp(issued_at.min(OffsetDateTime::new_utc(today, time::Time::MIDNIGHT) + Duration::hours(2))),
    });
}

/// Nothing to pay is paid at once. A customer that is past due has not paid since the newest invoice whose due day is over.
fn paid_on(company: &Company, back: i32, issued_on: Date, today: Date, random: &mut Random) -> Option<Date> {
    let newest_is_in_time = company.billing_day(today, 0) + Duration::days(DUE_DAYS) >= today;
    let behind = company.past_due && back <= i32::from(newest_is_in_time);
    let unpaid = behind || company.plan != Plan::Free && back > 3 && random.chance(1) && company.index > 2;
    if unpaid {
        return None;
    }
    let days = if random.chance(88) { 0 } else { random.between(1, 9) };
    Some((issued_on + Duration::days(days)).min(today))
}

struct Line {
    description: String,
    quantity: i64,
    unit_price: i64,
}

fn lines(company: &Company, first: Date, last: Date, random: &mut Random) -> Vec<Line> {
    let mut lines = vec![Line {
        description: format!("{} plan, {}", company.plan.label(), span(first, last)),
        quantity: 1,
        unit_price: company.plan.price().minor,
    }];
    let mut add = |likely: u32, description: &str, most: i64, unit_price: i64| {
        if random.chance(likely) {
            lines.push(Line { description: description.to_owned(), quantity: random.between(1, most), unit_price });
        }
    };
    match company.plan {
        Plan::Free => {}
        Plan::Pro => {
            add(16, "Additional storage, 10 GB", 4, 500);
            add(7, "Dedicated sending address", 2, 1_200);
            add(4, "Onboarding session, 60 minutes", 1, 15_000);
        }
        Plan::Enterprise => {
            add(100, "Premium support", 1, 25_000);
            add(45, "Additional storage, 100 GB", 5, 4_000);
            add(30, "Audit log archive, 12 months", 1, 9_900);
            add(12, "Technical review, per day", 2, 120_000);
        }
    }
    lines
}

/// Rate in basis points and the note that goes with it.
fn vat(company: &Company) -> (i32, &'static str) {
    match company.country.vat {
        Vat::Charged(rate) => (rate, ""),
        Vat::ReverseCharge(_) if !company.tax_id.is_empty() => (0, REVERSE_CHARGE),
        Vat::ReverseCharge(rate) => (rate, ""),
        Vat::None => (0, ""),
    }
}

fn buyer_address(company: &Company) -> String {
    let Company { address_line, postal_code, city, .. } = company;
    match company.country.code {
        "US" => format!("{address_line}\n{city} {postal_code}\nUnited States"),
        "GB" => format!("{address_line}\n{city}\n{postal_code}\nUnited Kingdom"),
        "FR" => format!("{address_line}\n{postal_code} {city}\nFrance"),
        "NL" => format!("{address_line}\n{postal_code} {city}\nNetherlands"),
        "ES" => format!("{address_line}\n{postal_code} {city}\nSpain"),
        _ => format!("{address_line}\n{postal_code} {city}\nGermany"),
    }
}
