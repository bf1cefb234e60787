//! The picture: rates as bars with whiskers, and processor time as stacked bars. Plain SVG 1.1 that reads in light and dark.

use std::fmt::Write;

use super::Results;
use crate::arithmetic::Spread;

/// Sizes, pixels.
const WIDTH: f64 = 960.0;
const LABELS: f64 = 370.0;
const VALUES: f64 = 120.0;
const LINE: f64 = 26.0;
const BAR: f64 = 14.0;
const TOP: f64 = 64.0;
const TITLE: f64 = 46.0;

/// Colours come from here, so that a viewer's dark mode changes them all.
const STYLE: &str = "\
:root{--ground:#fff;--ink:#1c1c22;--soft:#5f6170;--rule:#dcdde3;--ours:#3b5bdb;--base:#9296a6;--postgres:#2b8a6e;--server:#3b5bdb}\
@media (prefers-color-scheme:dark){:root{--ground:#16161b;--ink:#ececf1;--soft:#a2a4b3;--rule:#33343d;--ours:#8aa2ff;--base:#7b7f90;--postgres:#5fc7a5;--server:#8aa2ff}}\
text{font:13px system-ui,sans-serif;fill:var(--ink)}.soft{fill:var(--soft)}.title{font-size:15px;font-weight:600}.head{font-size:18px;font-weight:650}\
.ground{fill:var(--ground)}.ours{fill:var(--ours)}.base{fill:var(--base)}.server{fill:var(--server)}.postgres{fill:var(--postgres)}\
.rule{stroke:var(--rule)}.whisker{stroke:var(--ink);stroke-width:1.2;opacity:.65}";

/// One line of a group.
struct Line {
    label: String,
    is_base: bool,
    /// The parts of its bar, one after the other, with their class.
    parts: Vec<(&'static str, f64)>,
    /// Where its whisker goes.
    whisker: Option<Spread>,
    value: String,
}

struct Group {
    title: &'static str,
    lines: Vec<Line>,
}

/// Draws the results.
pub fn svg(results: &Results) -> String {
    let groups: Vec<Group> = groups(results).into_iter().filter(|group| !group.lines.is_empty()).collect();
    let height = TOP + groups.iter().map(|group| TITLE + LINE * count(group)).sum::<f64>() + 40.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-label=\"Benchmark of Turnout\">\n<style>{STYLE}</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n"
    );
    let machine = format!("{} x {}, {}", results.machine.cores, results.machine.processor, results.machine.file_system);
    text(&mut svg, (24.0, 32.0), "head", "start", "Turnout against one transaction a booking");
    text(&mut svg, (24.0, 52.0), "soft", "start", &format!("{machine}; medians, whiskers from least to most"));
    let mut y = TOP;
    for group in &groups {
        draw(&mut svg, group, y);
        y += TITLE + LINE * count(group);
    }
    svg.push_str("</svg>\n");
    svg
}

fn count(group: &Group) -> f64 {
    group.lines.iter().map(|_| 1.0).sum()
}

fn groups(results: &Results) -> Vec<Group> {
    let rates = |title, rows: &[u8]| {
        let cases = results.cases.iter().filter(|(_, row, _, _)| rows.contains(row));
        Group { title, lines: cases.filter_map(|(id, row, label, _)| rate_line(results, id, *row, label)).collect() }
    };
    let works = results.cases.iter().filter_map(|(id, row, label, _)| work_line(results, id, *row, label)).collect();
    vec![
        rates("Bookings a second", &[1, 2, 3]),
        rates("Answers a second", &[4, 5]),
        Group { title: "Processor time a booking, microseconds: server and PostgreSQL", lines: works },
    ]
}

fn rate_line(results: &Results, id: &str, row: u8, label: &str) -> Option<Line> {
    let spread = results.findings().spread(id, |window| window.rate + window.refusal_rate)?;
    let is_base = row == 1 || id.starts_with("hello");
    let parts = vec![(if is_base { "base" } else { "ours" }, spread.median)];
    let value = grouped(spread.median);
    Some(Line { label: label.to_owned(), is_base, parts, whisker: Some(spread), value })
}

fn work_line(results: &Results, id: &str, row: u8, label: &str) -> Option<Line> {
    if ![1, 2, 3, 6].contains(&row) {
        return None;
    }
    let findings = results.findings();
    let server = findings.spread(id, |window| window.server_us)?.median;
    let postgres = findings.spread(id, |window| window.postgres_us)?.median;
    let value = if row == 1 { format!("{postgres:.0}") } else { format!("{server:.0} + {postgres:.0}") };
    let parts = vec![("server", server), ("postgres", postgres)];
    Some(Line { label: label.to_owned(), is_base: row == 1, parts, whisker: None, value })
}

fn draw(svg: &mut String, group: &Group, top: f64) {
    text(svg, (24.0, top + 30.0), "title", "start", group.title);
    let most = group.lines.iter().map(Line::end).fold(f64::MIN_POSITIVE, f64::max);
    let x = |value: f64| LABELS + (WIDTH - LABELS - VALUES) * value / most;
    let mut y = top + TITLE;
    // Writing into a string cannot fail.
    let _ = writeln!(
        svg,
        "<line class=\"rule\" x1=\"{LABELS}\" x2=\"{LABELS}\" y1=\"{y}\" y2=\"{:.1}\"/>",
        y + LINE * count(group)
    );
    for line in &group.lines {
        let middle = y + LINE / 2.0;
        text(svg, (LABELS - 10.0, middle + 4.5), if line.is_base { "soft" } else { "" }, "end", &line.label);
        let mut from = 0.0;
        for (class, length) in &line.parts {
            let (left, width) = (x(from), x(*length) - LABELS);
            let _ = writeln!(
                svg,
                "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"2\"/>",
                middle - BAR / 2.0
            );
            from += length;
        }
        if let Some(spread) = &line.whisker {
            let (left, right) = (x(spread.min), x(spread.max));
            let _ = writeln!(
                svg,
                "<path class=\"whisker\" fill=\"none\" d=\"M{left:.1} {middle:.1}H{right:.1}M{left:.1} {0:.1}V{1:.1}M{right:.1} {0:.1}V{1:.1}\"/>",
                middle - 4.0,
                middle + 4.0
            );
        }
        text(svg, (x(line.end()) + 8.0, middle + 4.5), "", "start", &line.value);
        y += LINE;
    }
}

impl Line {
    /// Where the longest part of it ends.
    fn end(&self) -> f64 {
        let bar: f64 = self.parts.iter().map(|(_, length)| length).sum();
        self.whisker.map_or(bar, |spread| bar.max(spread.max))
    }
}

fn text(svg: &mut String, (x, y): (f64, f64), class: &str, anchor: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    // Writing into a string cannot fail.
    let _ = writeln!(svg, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>");
}

/// `12,345`.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::tests::window;
    use crate::machine::Machine;

    fn results() -> Results {
        let name = |id: &str, row, label: &str| (id.to_owned(), row, label.to_owned(), "orders".to_owned());
        Results {
            machine: Machine {
                processor: "A & B".into(),
                cores: 2,
                memory_bytes: 0,
                kernel: String::new(),
                file_system: "ext4".into(),
                postgres: String::new(),
                postgres_settings: Vec::new(),
                load_before: String::new(),
            },
            conditions: Vec::new(),
            notes: Vec::new(),
            cases: vec![
                name("pgbench-8", 1, "pgbench"),
                name("order-256", 2, "order <hot>"),
                name("page-256", 5, "page"),
            ],
            windows: vec![
                window("pgbench-8", 0, 1000.0, 400.0),
                window("order-256", 0, 12_345.0, 30.0),
                window("order-256", 1, 20_000.0, 32.0),
            ],
            drained: None,
            bars: Vec::new(),
        }
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            ["0", "999", "1,000", "1,234,567"],
            [0.0, 999.0, 1000.0, 1_234_567.0].map(grouped).map(|text| text).each_ref().map(String::as_str)
        );
    }

    #[test]
    fn every_measured_case_has_a_bar_inside_the_picture_and_words_are_escaped() {
        let svg = svg(&results());
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(
            svg.contains("A &amp; B") && svg.contains("order &lt;hot>") && svg.contains("prefers-color-scheme:dark")
        );
        assert!(svg.contains(">16,172<") || svg.contains(">16,173<"), "{svg}");
        // Two rates, and two parts of two processor times; the page was not measured.
        assert_eq!(svg.matches("<rect ").count(), 1 + 2 + 4);
        assert!(!svg.contains(">page<") && !svg.contains("Answers a second"));
        for rest in svg.split("<rect class=").skip(2) {
            let number = |name: &str| -> f64 {
                let begin = rest.find(name).unwrap() + name.len();
                rest[begin..].split('"').next().unwrap().parse().unwrap()
            };
            assert!(number(" x=\"") + number("width=\"") <= WIDTH - VALUES + 0.2, "{rest}");
        }
    }

    #[test]
    fn nothing_measured_is_an_empty_picture() {
        let svg = svg(&Results { windows: Vec::new(), ..results() });
        assert_eq!(svg.matches("<rect ").count(), 1);
    }
}
