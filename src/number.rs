//! Numbers as people read them.

/// Groups thousands: `450,000`.
pub fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Shortens thousands and millions: `450K`, `1.2M`; below ten thousand the whole number, grouped. Rounds down, so that
/// a number never reads as if a limit had been reached that was not.
pub fn compact(value: i64) -> String {
    let (unit, suffix) = match value.unsigned_abs() {
        0..10_000 => return grouped(value),
        10_000..1_000_000 => (1_000, "K"),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        _ => (1_000_000_000, "B"),
    };
    let tenths = value / (unit / 10);
    match tenths % 10 {
        0 => format!("{}{suffix}", grouped(tenths / 10)),
        rest => format!("{}.{}{suffix}", grouped(tenths / 10), rest.abs()),
    }
}

/// An amount of storage, given in megabytes: `640 MB`, `31.5 GB`, `2 TB`. Rounds down, as [`compact`] does.
pub fn storage(megabytes: i64) -> String {
    let (unit, name) = match megabytes.unsigned_abs() {
        0..1_000 => return format!("{megabytes} MB"),
        1_000..1_000_000 => (1_000, "GB"),
        _ => (1_000_000, "TB"),
    };
    let tenths = megabytes / (unit / 10);
    match tenths % 10 {
        0 => format!("{} {name}", grouped(tenths / 10)),
        rest => format!("{}.{} {name}", grouped(tenths / 10), rest.abs()),
    }
}

/// How much of the limit is used, in whole per cent, rounded down. A limit of zero is always used up.
pub fn percent(used: i64, limit: i64) -> i64 {
    if limit <= 0 {
        return 100;
    }
    let percent = i128::from(used) * 100 / i128::from(limit);
    i64::try_from(percent).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(450_000), "450,000");
        assert_eq!(grouped(-1_234_567), "-1,234,567");
        assert_eq!(grouped(i64::MIN), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn storage_is_read_in_the_unit_that_fits() {
        let said = [0, 640, 1_000, 31_560, 500_000, 2_000_000, 12_345_678_901].map(storage);
        assert_eq!(said, ["0 MB", "640 MB", "1 GB", "31.5 GB", "500 GB", "2 TB", "12,345.6 TB"]);
    }

    #[test]
    fn shortens_without_rounding_up() {
        assert_eq!(compact(9_999), "9,999");
        assert_eq!(compact(10_000), "10K");
        assert_eq!(compact(450_000), "450K");
        assert_eq!(compact(499_999), "499.9K");
        assert_eq!(compact(5_000_000), "5M");
        assert_eq!(compact(1_250_000), "1.2M");
    }

    #[test]
    fn ninety_per_cent_of_the_demo_plan() {
        assert_eq!(percent(450_000, 500_000), 90);
        assert_eq!(percent(499_999, 500_000), 99);
        assert_eq!(percent(1, 0), 100);
        assert_eq!(percent(i64::MAX, 1), i64::MAX);
    }
}
