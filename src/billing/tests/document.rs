//! The invoice as a document.

use typst::layout::{Frame, FrameItem};

use crate::billing::model::{InvoiceStatus, vat_by_rate};
use crate::billing::pdf::{InvoicePdf, sample};
use crate::server::pdf::Fonts;

fn file(invoice: &InvoicePdf) -> Vec<u8> {
    invoice.render(&Fonts::default()).unwrap().file
}

fn pages(invoice: &InvoicePdf) -> usize {
    invoice.laid_out(&Fonts::default()).unwrap().pages().len()
}

/// What a reader of the document can read, page by page.
fn words_by_page(invoice: &InvoicePdf) -> Vec<String> {
    let words = |frame: &Frame| {
        let mut text = String::new();
        collect_words(frame, &mut text);
        text
    };
    invoice.laid_out(&Fonts::default()).unwrap().pages().iter().map(|page| words(&page.frame)).collect()
}

fn words(invoice: &InvoicePdf) -> String {
    words_by_page(invoice).concat()
}

fn collect_words(frame: &Frame, text: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect_words(&group.frame, text),
            FrameItem::Text(run) => text.push_str(&run.text),
            _ => {}
        }
    }
}

fn without_vat(mut invoice: InvoicePdf) -> InvoicePdf {
    for line in &mut invoice.lines {
        line.vat_rate_basis_points = 0;
    }
    invoice.total = invoice.net;
    invoice.vat = vat_by_rate(invoice.lines.iter().map(|line| (line.vat_rate_basis_points, line.net)), 0);
    invoice
}

#[test]
fn says_everything_that_an_invoice_must_say() {
    let text = words(&sample::invoice(7, 1));
    let facts = [
        "Invoice",
        "INV-2026-000007",
        "1 Nov 2026",
        "15 Nov 2026",
        "1 Oct 2026 – 31 Oct 2026",
        "Foyer Software GmbH",
        "Lindenstraße 12",
        "VAT DE123456789",
        "Northwind Analytics",
        "400 Harbor Way",
        "VAT US 94-1234567",
        "API calls above the plan, October 2026",
        "$9.70",
        "VAT 19% on $19.40",
        "$3.68",
        "$23.08 USD paid on 3 Nov 2026",
        "Paid with Visa ending 4242",
        "Page 1 of 1",
    ];
    for fact in facts {
        assert!(text.contains(fact), "{fact:?} is missing in {text}");
    }
}

#[test]
fn twelve_lines_fit_on_a_page() {
    assert_eq!(pages(&sample::invoice(1, 1)), 1);
    assert_eq!(pages(&sample::invoice(1, 12)), 1);
}

#[test]
fn long_texts_make_a_few_lines_go_on_to_further_pages_that_are_counted() {
    let mut invoice = sample::invoice(1, 12);
    for line in &mut invoice.lines {
        line.description = "Support outside of office hours, as agreed by telephone. ".repeat(8);
    }
    let pages = words_by_page(&invoice);
    assert!(pages.len() > 1);
    for (index, text) in pages.iter().enumerate() {
        assert!(text.contains(&format!("Page {} of {}", index + 1, pages.len())), "{text}");
    }
}

#[test]
fn four_hundred_lines_repeat_the_head_and_number_the_pages() {
    let invoice = sample::invoice(1, 400);
    let pages = words_by_page(&invoice);
    assert!(pages.len() > 5, "{}", pages.len());
    for (index, text) in pages.iter().enumerate() {
        assert!(text.contains(&format!("Page {} of {}", index + 1, pages.len())), "{text}");
        // The last page may hold nothing but the sums.
        assert_eq!(text.matches("Unit price (USD)").count(), usize::from(text.contains(", October 2026")), "{text}");
    }
    assert_eq!(pages.concat().matches("Amount due").count(), 1);
}

#[test]
fn the_same_invoice_has_the_same_bytes() {
    let first = file(&sample::invoice(3, 12));
    let other = file(&sample::invoice(4, 12));
    let again = file(&sample::invoice(3, 12));
    assert!(first.starts_with(b"%PDF-"));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn the_state_of_the_payment_is_in_words() {
    let mut invoice = sample::invoice(1, 2);
    invoice.paid_on = None;
    let mut say = |status, method: &str| {
        invoice.status = status;
        invoice.payment_method = method.to_owned();
        words(&invoice)
    };
    assert!(say(InvoiceStatus::Open, "").contains("Payable by 15 Nov 2026. Please quote the invoice number INV-2026-000001."));
    let charged = say(InvoiceStatus::Open, "Visa ending 4242");
    for said in [
        "Payable by 15 Nov 2026. We charge Visa ending 4242.",
        "Should that fail, please pay the amount due and quote the invoice number INV-2026-000001.",
    ] {
        assert!(charged.contains(said), "{charged}");
    }
    assert!(!charged.contains("nothing you need to do"), "the day may be over when this is read");
    assert!(say(InvoiceStatus::Void, "").contains("nothing is to be paid on it"));
    assert!(say(InvoiceStatus::Uncollectible, "").contains("no longer being collected"));
}

#[test]
fn reverse_charge_is_explained_and_no_vat_is_shown_as_such() {
    let mut invoice = without_vat(sample::invoice(1, 2));
    invoice.note = "Reverse charge: the recipient is liable for the VAT.".to_owned();
    let text = words(&invoice);
    assert!(text.contains("Reverse charge: the recipient is liable for the VAT."), "{text}");
    assert!(text.contains("VAT 0% on"), "{text}");
}

#[test]
fn zero_and_negative_amounts_are_printed_with_their_sign() {
    let mut invoice = without_vat(sample::invoice(1, 2));
    invoice.status = InvoiceStatus::Open;
    invoice.paid_on = None;
    for (total, said) in [(0, "$0.00 USD, nothing to pay"), (-5_000, "\u{2212}$50.00 USD, nothing to pay")] {
        (invoice.net, invoice.total) = (total, total);
        invoice.lines[0].net = total;
        let text = words(&invoice);
        assert!(text.contains(said), "{text}");
        assert!(text.contains("There is nothing to pay on this invoice."), "{text}");
    }
}

#[test]
fn text_of_customers_is_never_a_command_of_the_template() {
    let tricks = [
        "#panic(\"x\")",
        "#read(\"/etc/passwd\")",
        "\"; #sys.inputs //",
        "\\ ] } ) $x$ *bold* _it_ `raw` @ref <label>",
        "#import \"@preview/x:1.0.0\"",
        "\u{202e}gpj.exe\u{0}\u{7}",
    ];
    for trick in tricks {
        let mut invoice = sample::invoice(1, 1);
        invoice.buyer.name = trick.to_owned();
        invoice.buyer.address = trick.to_owned();
        invoice.seller.name = trick.to_owned();
        invoice.number = trick.to_owned();
        invoice.note = trick.to_owned();
        invoice.lines[0].description = trick.to_owned();
        assert_eq!(pages(&invoice), 1, "{trick}");
        assert!(file(&invoice).starts_with(b"%PDF-"), "{trick}");
    }
    let mut invoice = sample::invoice(1, 1);
    invoice.buyer.name = "#panic(\"x\") *A* & Söhne".to_owned();
    assert!(words(&invoice).contains("#panic(\"x\") *A* & Söhne"));
}

#[test]
fn every_script_and_the_longest_names_make_a_document() {
    let long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
    for name in ["שדרות רוטשילד", "شارع الملك فهد", "東京都港区", "🚀 Rockets", "Улица Ленина", "Αθήνα", "a\u{301}", &long, ""]
    {
        let mut invoice = sample::invoice(1, 12);
        invoice.buyer.name = name.to_owned();
        invoice.lines[0].description = "x".repeat(300);
        assert!(file(&invoice).starts_with(b"%PDF-"), "{name}");
    }
}

#[test]
fn boxes_are_explained_and_the_text_behind_them_can_be_copied() {
    let explained = |name: &str| {
        let mut invoice = sample::invoice(1, 1);
        invoice.buyer.name = name.to_owned();
        let text = words(&invoice);
        assert!(text.contains(name), "{text}");
        text.contains("Each box stands for a character that the fonts of this document do not have.")
    };
    for name in ["株式会社", "서울", "🚀 Rockets"] {
        assert!(explained(name), "{name}");
    }
    for name in ["Northwind", "Łódź Ωμέγα Улица", "שדרות", "شارع", "a\u{301}\u{200d}"] {
        assert!(!explained(name), "{name}");
    }
}

#[test]
fn the_largest_amounts_fit() {
    let mut invoice = without_vat(sample::invoice(1, 1));
    invoice.lines[0].quantity = i64::MAX;
    invoice.lines[0].unit_price = i64::MIN;
    (invoice.net, invoice.total) = (i64::MAX, i64::MAX);
    assert!(file(&invoice).starts_with(b"%PDF-"));
}
