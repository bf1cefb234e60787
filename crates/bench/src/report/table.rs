//! The table for the terminal.

use std::fmt::Write;

use super::Results;
use crate::arithmetic::Spread;
use crate::measure::Window;

/// The heads of the columns, each as wide as its column.
const HEAD: &str = "row  case                                                  done/s (min-max)              refused/s    p50 ms    p99 ms   srv us    pg us  gen us  WAL B  flush/s  other  failed";

/// The whole text.
pub fn text(results: &Results) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{}", results.machine.describe());
    for (name, value) in &results.conditions {
        let _ = writeln!(text, "{name}: {value}");
    }
    let _ = writeln!(text, "\n{HEAD}");
    for (id, row, label, _) in &results.cases {
        if let Some(line) = line(results, id, *row, label) {
            let _ = writeln!(text, "{line}");
        }
    }
    let _ = writeln!(
        text,
        "\nMedians over rounds. us: processor time of server, PostgreSQL and generator for each answered operation. other: processors\n\
         that somebody else used meanwhile; the larger, the less the rates mean, and the more the ratios and the us."
    );
    if let Some(drained) = &results.drained {
        let _ = writeln!(
            text,
            "worker: {:.1} s for what 1,000 orders leave to do ({} orders left {} journal entries and {} jobs); {:.0} us of worker and \
             {:.0} us of PostgreSQL an order",
            drained.seconds_per_1000,
            drained.orders,
            drained.entries,
            drained.jobs,
            drained.worker_us,
            drained.postgres_us
        );
    }
    for note in &results.notes {
        let _ = writeln!(text, "note: {note}");
    }
    if !results.bars.is_empty() {
        let _ = writeln!(text, "\nbars");
    }
    for bar in &results.bars {
        let _ = writeln!(text, "  {}", bar.line());
    }
    text
}

fn line(results: &Results, id: &str, row: u8, label: &str) -> Option<String> {
    let findings = results.findings();
    let rate = findings.spread(id, |window| window.rate)?;
    let median = |figure: fn(&Window) -> f64| findings.spread(id, figure).map_or(0.0, |spread| spread.median);
    let failed: u64 = results.windows.iter().filter(|window| window.case == id).map(|window| window.failed).sum();
    Some(format!(
        "{row:>3}  {label:<52}  {:<28}  {:>9.0} {:>9.2} {:>9.2} {:>8.1} {:>8.1} {:>7.1} {:>6.0} {:>8.0} {:>6.2} {failed:>7}",
        spread(&rate),
        median(|window| window.refusal_rate),
        median(|window| window.latency.p50),
        median(|window| window.latency.p99),
        median(|window| window.server_us),
        median(|window| window.postgres_us),
        median(|window| window.generator_us),
        median(|window| window.log_bytes),
        median(|window| window.flushes),
        median(|window| window.other_cores),
    ))
}

fn spread(rate: &Spread) -> String {
    format!("{:.0} ({:.0}-{:.0})", rate.median, rate.min, rate.max)
}
