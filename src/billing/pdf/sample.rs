//! Invoices to test with.

use time::macros::date;

use super::{InvoicePdf, InvoicePdfLine, Party};
use crate::billing::model::{InvoiceStatus, vat_by_rate};
use crate::money::Currency;

/// A paid invoice with this many lines of 19 % VAT; `index` makes it different from others.
pub(crate) fn invoice(index: usize, lines: usize) -> InvoicePdf {
    let lines: Vec<InvoicePdfLine> = (1..=lines).map(|position| line(index, position)).collect();
    let net = lines.iter().map(|line| line.net).sum::<i64>();
    let vat = net * 19 / 100;
    InvoicePdf {
        ident: format!("sample-{index}"),
        seller: Party {
            name: "Foyer Software GmbH".to_owned(),
            address: "Lindenstraße 12\n10969 Berlin\nGermany".to_owned(),
            tax_id: "DE123456789".to_owned(),
            email: "billing@foyer.example".to_owned(),
        },
        buyer: Party {
            name: "Northwind Analytics".to_owned(),
            address: "400 Harbor Way\n94107 San Francisco\nUnited States".to_owned(),
            tax_id: "US 94-1234567".to_owned(),
            email: "accounts@northwind.example".to_owned(),
        },
        number: format!("INV-2026-{index:06}"),
        issued_on: date!(2026 - 11 - 01),
        due_on: date!(2026 - 11 - 15),
        period_start: date!(2026 - 10 - 01),
        period_end: date!(2026 - 10 - 31),
        vat: vat_by_rate(lines.iter().map(|line| (line.vat_rate_basis_points, line.net)), vat),
        net,
        total: net + vat,
        lines,
        currency: Currency::USD,
        status: InvoiceStatus::Paid,
        paid_on: Some(date!(2026 - 11 - 03)),
        payment_method: "Visa ending 4242".to_owned(),
        note: String::new(),
    }
}

fn line(index: usize, position: usize) -> InvoicePdfLine {
    let what = ["Pro plan", "API calls above the plan", "Additional storage, GB", "Additional person", "Priority support"];
    let description = format!("{}, October 2026", what.get(position % what.len()).unwrap_or(&"Pro plan"));
    let quantity = i64::try_from(position % 7 + 1).unwrap_or(1);
    let unit_price = 900 + i64::try_from(index % 50).unwrap_or(0) * 10;
    InvoicePdfLine { description, quantity, unit_price, net: quantity * unit_price, vat_rate_basis_points: 1900 }
}
