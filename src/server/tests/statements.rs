//! The statements of the program, as `.sqlx` describes them, and the filters by which they name their customer.

use std::path::Path;

use serde_json::Value;

/// A statement, on one line, and the types of its parameters.
pub(super) struct Statement {
    pub(super) text: String,
    pub(super) types: Vec<String>,
}

/// Every statement of the program.
pub(super) fn statements() -> Vec<Statement> {
    let mut statements = vec![];
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx")).unwrap() {
        let description: Value = serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let types = description["describe"]["parameters"]["Left"].as_array().unwrap().iter();
        statements.push(Statement {
            text: description["query"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" "),
            types: types.map(|kind| kind.as_str().unwrap_or("Text").to_owned()).collect(),
        });
    }
    assert!(statements.len() > 150, "run from the root of the repository, where .sqlx is");
    statements.sort_by(|a, b| a.text.cmp(&b.text));
    statements
}

/// Whether it can be part of a name.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The filters in a statement: where they stand, and the number of their parameter.
pub(super) fn filters(text: &str) -> Vec<(std::ops::Range<usize>, usize)> {
    let is_filter = |(at, found): (usize, &'static str)| {
        let alias = text[..at].strip_suffix('.').map_or(at, |before| before.trim_end_matches(is_word).len());
        let digits = text[at + found.len()..].chars().take_while(char::is_ascii_digit).count();
        let end = at + found.len() + digits;
        let whole_name = !text[..alias].ends_with(is_word) && digits > 0;
        whole_name.then(|| (alias..end, text[at + found.len()..end].parse().unwrap()))
    };
    text.match_indices("customer_id = $").map(|(at, _)| (at, "customer_id = $")).filter_map(is_filter).collect()
}

/// The statement with its filters made true.
pub(super) fn without_filters(text: &str) -> String {
    filters(text).into_iter().rev().fold(text.to_owned(), |mut text, (range, number)| {
        text.replace_range(range, &format!("(${number}::uuid IS NOT NULL)"));
        text
    })
}

/// The tables that a statement names, in this order.
pub(super) fn tables_of<'a>(text: &str, tables: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    let words: Vec<&str> = text.split(|c| !is_word(c)).collect();
    let mut named: Vec<(usize, &str)> =
        tables.filter_map(|table| Some((words.iter().position(|word| word == table)?, table.as_str()))).collect();
    named.sort_unstable();
    named.into_iter().map(|(_, table)| table).collect()
}
