//! The bars that the figures have to reach.

use serde::Serialize;

use crate::arithmetic::{Spread, best_of, ratios, spread};
use crate::measure::Window;

/// One bar with what was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Bar {
    /// What it is about.
    pub text: &'static str,
    /// The value it has to reach.
    pub bound: Bound,
    /// What one aims for beyond that.
    pub aim: Option<f64>,
    /// What was measured: a ratio of each round, or a value.
    pub value: Spread,
    /// Whether it is reached by the median.
    pub is_met: bool,
}

/// On which side of a value to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

type Series = Vec<(usize, f64)>;

/// What all windows found, by case.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a>(pub &'a [Window]);

impl Findings<'_> {
    /// A figure of a case in each round.
    pub fn series(&self, case: &str, figure: impl Fn(&Window) -> f64) -> Series {
        self.0.iter().filter(|window| window.case == case).map(|window| (window.round, figure(window))).collect()
    }

    /// The spread of a figure of a case.
    pub fn spread(&self, case: &str, figure: impl Fn(&Window) -> f64) -> Option<Spread> {
        let values: Vec<f64> = self.series(case, figure).into_iter().map(|(_, value)| value).collect();
        spread(&values)
    }

    /// The ratio of rates of two cases, round by round.
    pub fn ratio(&self, over: &str, under: &str) -> Option<Spread> {
        spread(&ratios(&self.series(over, rate), &self.series(under, rate)))
    }

    /// The ratio of a case's rate to the best baseline of each round.
    pub fn over_baseline(&self, over: &str) -> Option<Spread> {
        let all: Vec<Series> =
            crate::cases::CLIENTS.iter().map(|clients| self.series(&format!("pgbench-{clients}"), rate)).collect();
        spread(&ratios(&self.series(over, rate), &best_of(&all)))
    }
}

fn rate(window: &Window) -> f64 {
    window.rate
}

/// Every bar whose cases were measured. `largest` is the case with the most past orders.
pub fn evaluate(findings: &Findings<'_>, largest: &str) -> Vec<Bar> {
    let refusals = spread(&ratios(
        &findings.series("rush-256", |window| window.refusal_rate),
        &findings.series("hello-256", rate),
    ));
    let growth =
        spread(&ratios(&findings.series(largest, Window::work_us), &findings.series("grown-0", Window::work_us)));
    let p99 = |case| findings.spread(case, |window| window.latency.p99);
    let (least, most) = (Bound::AtLeast, Bound::AtMost);
    let bars = [
        (
            "orders a second, 1 hot event, 256 connections / best pgbench",
            findings.over_baseline("order-256"),
            least(8.0),
            Some(20.0),
        ),
        ("p99 of these orders, closed loop, ms", p99("order-256"), most(50.0), None),
        ("p99 of these orders, open loop at 70 %, ms", p99("order-256-open"), most(50.0), None),
        (
            "these orders / the same with a batch of one",
            findings.ratio("order-256", "order-256-unbatched"),
            least(15.0),
            Some(40.0),
        ),
        (
            "p99 of 20 other events beside a hot one / beside nothing",
            spread(&ratios(
                &findings.series("others-beside-hot", |window| window.latency.p99),
                &findings.series("others", |window| window.latency.p99),
            )),
            most(1.2),
            None,
        ),
        ("hold then order, pairs a second / best pgbench", findings.over_baseline("pair-256"), least(4.0), None),
        ("orders over 1,000 events / 1 event", findings.ratio("order-1000-events", "order-256"), least(0.75), None),
        ("refusals of a rush / bare hello-world", refusals, least(0.4), None),
        ("event page / bare hello-world", findings.ratio("page-256", "hello-256"), least(0.7), None),
        ("event page / livez (all layers)", findings.ratio("page-256", "livez-256"), least(0.7), None),
        (
            "seat status of 50,000 seats / bare hello-world",
            findings.ratio("seat-status-256", "hello-256"),
            least(0.7),
            None,
        ),
        ("scans / bare hello-world", findings.ratio("scan-256", "hello-256"), least(0.1), None),
        ("processor time an order, most past orders / none", growth, most(1.25), None),
    ];
    bars.into_iter().filter_map(|(text, value, bound, aim)| Some(Bar::new(text, value?, bound, aim))).collect()
}

impl Bar {
    fn new(text: &'static str, value: Spread, bound: Bound, aim: Option<f64>) -> Self {
        let is_met = match bound {
            Bound::AtLeast(least) => value.median >= least,
            Bound::AtMost(most) => value.median <= most,
        };
        Self { text, bound, aim, value, is_met }
    }

    /// A line for people: `met` or `short by` how much of the bar.
    pub fn line(&self) -> String {
        let (sign, bound) = match self.bound {
            Bound::AtLeast(bound) => (">=", bound),
            Bound::AtMost(bound) => ("<=", bound),
        };
        let verdict = if self.is_met {
            "met".to_owned()
        } else {
            format!("short by {:.0} %", (self.value.median / bound - 1.0).abs() * 100.0)
        };
        let aim = match self.aim {
            Some(aim) if self.value.median >= aim => format!(", aim {aim} reached"),
            Some(aim) => format!(", aim {aim}"),
            None => String::new(),
        };
        let Spread { median, min, max, .. } = self.value;
        format!("{verdict:<14} {median:>8.2} ({min:.2}-{max:.2})  {sign} {bound}{aim}  {}", self.text)
    }
}

#[cfg(test)]
pub mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::load::spec::Latency;

    /// A window with a rate and a processor time, everything else nothing.
    pub fn window(case: &str, round: usize, rate: f64, postgres_us: f64) -> Window {
        Window {
            case: case.to_owned(),
            round,
            seconds: 8.0,
            rate,
            refusal_rate: 0.0,
            failed: 0,
            statuses: BTreeMap::new(),
            latency: Latency { p99: 60.0, ..Latency::default() },
            server_us: 0.0,
            postgres_us,
            generator_us: 0.0,
            other_cores: 0.0,
            stolen_cores: 0.0,
            log_bytes: 0.0,
            log_pages: 0.0,
            flushes: 0.0,
        }
    }

    #[test]
    fn the_base_is_the_best_baseline_of_the_same_round() {
        let windows = [
            window("pgbench-8", 0, 100.0, 1.0),
            window("pgbench-32", 0, 50.0, 1.0),
            window("pgbench-8", 1, 100.0, 1.0),
            window("pgbench-64", 1, 200.0, 1.0),
            window("order-256", 0, 1000.0, 1.0),
            window("order-256", 1, 1000.0, 1.0),
        ];
        let found = Findings(&windows).over_baseline("order-256").unwrap();
        assert_eq!((found.median, found.min, found.max), (7.5, 5.0, 10.0));
    }

    #[test]
    fn a_bar_says_what_it_falls_short_by() {
        let windows = [
            window("pgbench-8", 0, 100.0, 1.0),
            window("order-256", 0, 600.0, 1.0),
            window("grown-0", 0, 1.0, 40.0),
            window("grown-5", 0, 1.0, 44.0),
        ];
        let bars = evaluate(&Findings(&windows), "grown-5");
        let lines: Vec<String> = bars.iter().map(Bar::line).collect();
        assert_eq!(
            lines,
            [
                "short by 25 %      6.00 (6.00-6.00)  >= 8, aim 20  orders a second, 1 hot event, 256 connections / best pgbench",
                "short by 20 %     60.00 (60.00-60.00)  <= 50  p99 of these orders, closed loop, ms",
                "met                1.10 (1.10-1.10)  <= 1.25  processor time an order, most past orders / none",
            ]
        );
        assert_eq!(bars.iter().filter(|bar| bar.is_met).count(), 1);
    }
}
