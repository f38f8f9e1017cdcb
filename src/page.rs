//! Lists in pages.

use serde::{Deserialize, Serialize};

/// Which page of a list is wanted, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageNumber(u32);

impl PageNumber {
    /// The furthest page that can be asked for; beyond it lies only a wasted query.
    const LAST: u32 = 100_000;

    /// Reads a query parameter; anything that is not a page number is the first page.
    pub fn parse(text: Option<&str>) -> Self {
        let number = text.and_then(|text| text.parse().ok()).unwrap_or(1);
        Self::new(number)
    }

    /// The page with this number, kept within bounds.
    pub fn new(number: u32) -> Self {
        Self(number.clamp(1, Self::LAST))
    }

    /// The number, from 1.
    pub fn get(self) -> u32 {
        self.0
    }

    /// This page, or the last one of a list of `total` rows if it has become shorter than whoever asks believes.
    #[must_use]
    pub fn within(self, total: i64, per_page: u32) -> Self {
        Self(self.0.min(last_page(total, per_page)))
    }

    /// How many rows come before this page.
    pub fn offset(self, per_page: u32) -> i64 {
        i64::from(self.0 - 1) * i64::from(per_page)
    }
}

impl Default for PageNumber {
    fn default() -> Self {
        Self(1)
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// Its number, from 1.
    pub number: u32,
    /// Rows on a full page.
    pub per_page: u32,
    /// Rows of the whole list.
    pub total: i64,
}

impl<T> Page<T> {
    /// A page of rows out of `total`.
    pub fn new(rows: Vec<T>, number: PageNumber, per_page: u32, total: i64) -> Self {
        Self { rows, number: number.get(), per_page, total }
    }

    /// How many pages there are; an empty list has one.
    pub fn last(&self) -> u32 {
        last_page(self.total, self.per_page)
    }
}

fn last_page(total: i64, per_page: u32) -> u32 {
    let per_page = i64::from(per_page.max(1));
    u32::try_from((total.max(1) - 1) / per_page + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_the_first_page() {
        for text in [None, Some(""), Some("-1"), Some("0"), Some("x"), Some("99999999999999")] {
            assert_eq!(PageNumber::parse(text).get(), 1, "{text:?}");
        }
        assert_eq!(PageNumber::parse(Some("3")).offset(25), 50);
    }

    #[test]
    fn last_page_holds_the_rest() {
        let page = |total| Page::<()>::new(vec![], PageNumber::default(), 25, total).last();
        assert_eq!([page(0), page(25), page(26), page(500)], [1, 1, 2, 20]);
    }

    #[test]
    fn page_beyond_the_end_is_the_last_one() {
        let within = |number, total| PageNumber::new(number).within(total, 25).get();
        assert_eq!([within(1, 0), within(9, 0), within(2, 25), within(2, 26), within(9, 26)], [1, 1, 1, 2, 2]);
    }
}
