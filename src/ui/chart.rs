//! Charts as SVG, drawn on the server. The figures are also there as a table.

use crate::number::compact;
use leptos::prelude::*;

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it stands for, such as a day.
    pub label: String,
    /// Its height.
    pub value: i64,
    /// The value as people read it.
    pub text: String,
}

/// The height of the drawing; bars are drawn in whole units of it.
const HEIGHT: i64 = 1_000;

/// The next number that is round, and even, because half of it stands beside the drawing, too.
fn round_up(value: i64) -> i64 {
    let mut step = 1_i64;
    loop {
        for factor in [2, 3, 4, 5, 6, 8, 10] {
            let candidate = step.saturating_mul(factor);
            if candidate >= value && candidate % 2 == 0 || candidate == i64::MAX {
                return candidate;
            }
        }
        step = step.saturating_mul(10);
    }
}

fn height(value: i64, top: i64) -> i64 {
    let scaled = i128::from(value.max(0)) * i128::from(HEIGHT) / i128::from(top.max(1));
    i64::try_from(scaled).unwrap_or(HEIGHT).min(HEIGHT)
}

/// At most this many labels stand below the bars.
fn axis(bars: &[Bar]) -> Vec<String> {
    if bars.len() <= 7 {
        return bars.iter().map(|bar| bar.label.clone()).collect();
    }
    [0, bars.len() / 2, bars.len() - 1].into_iter().filter_map(|index| bars.get(index)).map(|bar| bar.label.clone()).collect()
}

/// A bar chart.
#[component]
pub fn BarChart(
    /// What it shows.
    #[prop(into)]
    title: String,
    /// The bars, from left to right.
    bars: Vec<Bar>,
    /// A line across at this value.
    #[prop(optional)]
    limit: Option<i64>,
    /// The head of the value column in the table.
    #[prop(default = "Value".to_owned(), into)]
    unit: String,
) -> impl IntoView {
    let most = bars.iter().map(|bar| bar.value).chain(limit).max().unwrap_or(0).max(1);
    let top = round_up(most);
    let width = i64::try_from(bars.len()).unwrap_or(i64::MAX).saturating_mul(10).max(10);
    let drawn = bars
        .iter()
        .zip(0_i64..)
        .map(|(bar, index)| {
            let tall = height(bar.value, top);
            view! {
                <rect class="chart-bar" x=format!("{}.5", index * 10 + 1) y=(HEIGHT - tall).to_string() width="7" height=tall.to_string()>
                    <title>{format!("{}: {}", bar.label, bar.text)}</title>
                </rect>
            }
        })
        .collect_view();
    let line = limit.map(|limit| {
        let y = (HEIGHT - height(limit, top)).to_string();
        view! { <line class="chart-limit" x1="0" x2=width.to_string() y1=y.clone() y2=y></line> }
    });
    let labels = axis(&bars).into_iter().map(|label| view! { <span>{label}</span> }).collect_view();
    view! {
        <figure class="chart">
            <figcaption class="chart-title">{title.clone()}</figcaption>
            <div class="chart-plot">
                <div class="chart-scale" aria-hidden="true"><span>{compact(top)}</span><span>{compact(top / 2)}</span><span>"0"</span></div>
                <svg class="chart-drawing" viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=title.clone()>
                    {drawn}
                    {line}
                </svg>
                <div class=if bars.len() <= 7 { "chart-axis chart-axis-each" } else { "chart-axis" } aria-hidden="true">{labels}</div>
            </div>
            {chart_table(title, unit, bars)}
        </figure>
    }
}

/// The same figures to read, copy and hear.
fn chart_table(title: String, unit: String, bars: Vec<Bar>) -> impl IntoView {
    let rows =
        bars.into_iter().map(|bar| view! { <tr><th scope="row">{bar.label}</th><td class="number">{bar.text}</td></tr> }).collect_view();
    view! {
        <details class="disclosure">
            <summary>"Show as a table"</summary>
            <div class="chart-table">
                <table class="table table-plain">
                    <caption class="sr-only">{title}</caption>
                    <thead><tr><th scope="col">"Period"</th><th scope="col" class="number">{unit}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}

/// The course of a figure in a line of text.
#[component]
pub fn Sparkline(
    /// What it shows, in words.
    #[prop(into)]
    label: String,
    /// The values, from left to right.
    values: Vec<i64>,
) -> impl IntoView {
    let top = values.iter().copied().max().unwrap_or(0).max(1);
    let points: Vec<String> =
        values.iter().zip(0..).map(|(value, index)| format!("{},{}", index * 10, HEIGHT - height(*value, top))).collect();
    let width = points.len().saturating_sub(1).max(1) * 10;
    view! {
        <svg class="sparkline" viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=label>
            <polyline points=points.join(" ")></polyline>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_a_round_number() {
        assert_eq!([0, 1, 3, 7, 18_400, 20_001].map(round_up), [2, 2, 4, 8, 20_000, 30_000]);
        assert!(round_up(i64::MAX) > 0);
    }

    #[test]
    fn bars_stay_inside_the_drawing() {
        assert_eq!([height(-5, 10), height(5, 10), height(20, 10)], [0, 500, 1_000]);
    }
}
