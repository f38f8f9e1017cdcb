//! Typesets invoices on one core and prints how many per second, the median and the 95th percentile.

use std::{error::Error, time::Duration};

use foyer::billing::pdf::time_rendering;

/// Invoices that are typeset before the clock starts: the first parses the fonts.
const WARM_UP: usize = 5;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    println!("{:>6} {:>8} {:>12} {:>10} {:>10}", "lines", "invoices", "per second", "p50 ms", "p95 ms");
    for (lines, count) in [(12, 400), (200, 60)] {
        let mut times = time_rendering(WARM_UP + count, lines)?.split_off(WARM_UP);
        times.sort_unstable();
        let total: Duration = times.iter().sum();
        let share = |percent: usize| times.get((times.len() - 1) * percent / 100).copied().unwrap_or_default().as_secs_f64() * 1000.0;
        println!("{lines:>6} {count:>8} {:>12.1} {:>10.2} {:>10.2}", count as f64 / total.as_secs_f64(), share(50), share(95));
    }
    Ok(())
}
