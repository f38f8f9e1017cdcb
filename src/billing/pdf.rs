//! The invoice as a document. [`InvoicePdf`] holds everything that is printed; nothing is looked up while rendering, so the
//! same input makes the same bytes whenever it is rendered. Buyer and lines are stored with an invoice as they were on the day
//! of issue. The seller is not: it is what `SELLER_NAME` and its neighbours say today, on old invoices too.

use std::sync::LazyLock;

use serde::Serialize;
use time::Date;

use crate::billing::model::{InvoiceStatus, VatAmount};
use crate::money::{Currency, Money};
use crate::number::grouped;
use crate::server::pdf::{Document, Fonts, PdfError, Source, Typeset, typeset};
use crate::when::Day;

#[cfg(test)]
pub(crate) mod sample;

/// The layout of an invoice; see `invoice.typ` for what it expects.
static TEMPLATE: LazyLock<Source> = LazyLock::new(|| Source::detached(include_str!("invoice.typ")));
/// So many lines and what stands around them fit on a page, unless texts are unusually long.
const LINES_OF_A_PAGE: usize = 12;
/// As wide as a digit, unlike the hyphen.
const MINUS: &str = "\u{2212}";

/// Who sells or buys, as printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Party {
    /// The name on the first line.
    pub name: String,
    /// Lines separated by `\n`; may be empty.
    pub address: String,
    /// VAT number; empty: none is printed.
    pub tax_id: String,
    /// Where questions or invoices go; empty: none is printed.
    pub email: String,
}

/// One thing that is charged for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoicePdfLine {
    /// What it is.
    pub description: String,
    /// How many.
    pub quantity: i64,
    /// Net price of one, in minor units.
    pub unit_price: i64,
    /// Net price of all, in minor units.
    pub net: i64,
    /// 1900 is 19 %.
    pub vat_rate_basis_points: i32,
}

/// Everything that an invoice says. Amounts are in minor units of `currency`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoicePdf {
    /// The invoice's id: what makes the file itself, together with its content.
    pub ident: String,
    /// Who sells.
    pub seller: Party,
    /// Who buys, as of the day of issue.
    pub buyer: Party,
    /// The number in the seller's series.
    pub number: String,
    /// Day of issue.
    pub issued_on: Date,
    /// Last day to pay.
    pub due_on: Date,
    /// First day of what is charged for.
    pub period_start: Date,
    /// Last day of what is charged for, included.
    pub period_end: Date,
    /// In printing order.
    pub lines: Vec<InvoicePdfLine>,
    /// Sum before VAT.
    pub net: i64,
    /// VAT by rate, the highest rate first.
    pub vat: Vec<VatAmount>,
    /// Sum to pay.
    pub total: i64,
    /// Of all amounts.
    pub currency: Currency,
    /// Where the payment stands.
    pub status: InvoiceStatus,
    /// When it was paid; only for [`InvoiceStatus::Paid`].
    pub paid_on: Option<Date>,
    /// How it is or was paid, in words; may be empty.
    pub payment_method: String,
    /// Sentences below the sums, such as the reason for charging no VAT; may be empty.
    pub note: String,
}

impl InvoicePdf {
    /// Typesets the invoice: A4, tagged, the same bytes every time. Takes some milliseconds of processor time.
    ///
    /// # Errors
    /// [`PdfError::Template`] when template and data do not fit together, which is a defect of ours.
    pub fn render(&self, fonts: &Fonts) -> Result<Typeset, PdfError> {
        typeset(&self.document(&Sheet::of(self)), fonts)
    }

    /// The pages before they become a file, to look into.
    #[cfg(test)]
    pub(crate) fn laid_out(&self, fonts: &Fonts) -> Result<typst_layout::PagedDocument, PdfError> {
        crate::server::pdf::lay_out(&self.document(&Sheet::of(self)), fonts).map(|(pages, _)| pages)
    }

    fn document<'a>(&self, data: &'a Sheet<'a>) -> Document<'a, Sheet<'a>> {
        let one_page = self.lines.len() <= LINES_OF_A_PAGE;
        Document { template: &TEMPLATE, data, one_page, dated: self.issued_on, ident: self.ident.clone() }
    }
}

/// What the template prints: every number and date already in words, so that the template only places them.
#[derive(Serialize)]
struct Sheet<'a> {
    number: &'a str,
    issued: String,
    due: String,
    period: String,
    seller: &'a Party,
    buyer: &'a Party,
    headline: String,
    state: &'static str,
    state_tone: &'static str,
    currency: &'static str,
    lines: Vec<SheetLine<'a>>,
    sums: Vec<SheetSum>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct SheetLine<'a> {
    description: &'a str,
    quantity: String,
    unit_price: String,
    vat: String,
    net: String,
}

#[derive(Serialize)]
struct SheetSum {
    label: String,
    amount: String,
    strong: bool,
}

impl<'a> Sheet<'a> {
    fn of(invoice: &'a InvoicePdf) -> Self {
        let amount = |minor| bare(Money::new(minor, invoice.currency));
        Sheet {
            number: &invoice.number,
            issued: Day::from(invoice.issued_on).text,
            due: Day::from(invoice.due_on).text,
            period: format!("{} – {}", Day::from(invoice.period_start).text, Day::from(invoice.period_end).text),
            seller: &invoice.seller,
            buyer: &invoice.buyer,
            headline: headline(invoice),
            state: invoice.status.label(),
            state_tone: tone(invoice.status),
            currency: invoice.currency.code(),
            lines: invoice
                .lines
                .iter()
                .map(|line| SheetLine {
                    description: &line.description,
                    quantity: grouped(line.quantity),
                    unit_price: amount(line.unit_price),
                    vat: rate(line.vat_rate_basis_points),
                    net: amount(line.net),
                })
                .collect(),
            sums: sums(invoice),
            notes: notes(invoice),
        }
    }
}

fn headline(invoice: &InvoicePdf) -> String {
    let total = Money::new(invoice.total, invoice.currency).to_string().replace('-', MINUS);
    match (invoice.status, invoice.paid_on) {
        (InvoiceStatus::Paid, Some(day)) => format!("{total} paid on {}", Day::from(day).text),
        (InvoiceStatus::Paid, None) => format!("{total} paid"),
        (InvoiceStatus::Open, _) if invoice.total <= 0 => format!("{total}, nothing to pay"),
        (InvoiceStatus::Open, _) => format!("{total} due {}", Day::from(invoice.due_on).text),
        (InvoiceStatus::Uncollectible, _) => format!("{total} not collected"),
        (InvoiceStatus::Void, _) => format!("{total} void"),
    }
}

fn tone(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Paid => "good",
        InvoiceStatus::Open => "plain",
        InvoiceStatus::Uncollectible | InvoiceStatus::Void => "weak",
    }
}

fn sums(invoice: &InvoicePdf) -> Vec<SheetSum> {
    let money = |minor| Money::new(minor, invoice.currency);
    let mut sums = vec![SheetSum { label: "Net".to_owned(), amount: bare(money(invoice.net)), strong: false }];
    for vat in &invoice.vat {
        let label = format!("VAT {} on {}", rate(vat.rate_basis_points), bare(money(vat.net)));
        sums.push(SheetSum { label, amount: bare(money(vat.vat)), strong: false });
    }
    let total = money(invoice.total).to_string().replace('-', MINUS);
    sums.push(SheetSum { label: "Total".to_owned(), amount: total, strong: true });
    let (paid, left) = match invoice.status {
        InvoiceStatus::Paid => (invoice.total, 0),
        InvoiceStatus::Open | InvoiceStatus::Uncollectible => (0, invoice.total.max(0)),
        InvoiceStatus::Void => (0, 0),
    };
    if paid != 0 {
        sums.push(SheetSum { label: "Amount paid".to_owned(), amount: bare(money(paid)), strong: false });
    }
    sums.push(SheetSum { label: "Amount due".to_owned(), amount: money(left).to_string(), strong: true });
    sums
}

fn notes(invoice: &InvoicePdf) -> Vec<String> {
    let method = invoice.payment_method.as_str();
    let payment = match (invoice.status, invoice.paid_on) {
        (InvoiceStatus::Paid, Some(day)) if !method.is_empty() => {
            format!("Paid with {method} on {}. Thank you.", Day::from(day).text)
        }
        (InvoiceStatus::Paid, _) => "Paid in full. Thank you.".to_owned(),
        (InvoiceStatus::Open, _) if invoice.total <= 0 => "There is nothing to pay on this invoice.".to_owned(),
        // The document stays as it is when the day has passed or the charge has failed: it says what is true then, too.
        (InvoiceStatus::Open, _) if !method.is_empty() => {
            let (due, number) = (Day::from(invoice.due_on).text, &invoice.number);
            format!(
                "Payable by {due}. We charge {method}. Should that fail, please pay the amount due and quote the invoice number {number}."
            )
        }
        (InvoiceStatus::Open, _) => {
            format!("Payable by {}. Please quote the invoice number {}.", Day::from(invoice.due_on).text, invoice.number)
        }
        (InvoiceStatus::Uncollectible, _) => "This invoice was not paid and is no longer being collected.".to_owned(),
        (InvoiceStatus::Void, _) => "This invoice is void: it was withdrawn and nothing is to be paid on it.".to_owned(),
    };
    let mut notes = vec![payment];
    if !invoice.note.is_empty() {
        notes.push(invoice.note.clone());
    }
    notes
}

/// The amount without its code, for columns whose head names the currency.
fn bare(money: Money) -> String {
    let text = money.to_string();
    text.strip_suffix(money.currency.code()).unwrap_or(&text).trim_end().replace('-', MINUS)
}

/// `19%`, `8.1%`.
fn rate(basis_points: i32) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    match rest {
        0 => format!("{whole}%"),
        rest if rest % 10 == 0 => format!("{whole}.{}%", rest / 10),
        rest => format!("{whole}.{rest:02}%"),
    }
}
