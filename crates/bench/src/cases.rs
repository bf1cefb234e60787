//! What is measured: one line a case.

use crate::options::Options;

/// Connections at which the rows are compared.
pub const CONNECTIONS: usize = 256;
/// Clients of pgbench; the best of them is the base.
pub const CLIENTS: [u32; 3] = [8, 32, 64];
/// The share of the closed loop's rate that the open loop asks for.
pub const OPEN_SHARE: f64 = 0.7;

/// Events that are sold beside a hot one, and their orders a second.
pub const OTHER_EVENTS: usize = 20;
pub const OTHER_RATE: u32 = 200;

/// Seats of the hall in rows 3 and 5.
pub const HALL_SEATS: u32 = 50_000;
/// Seats of the halls in row 6.
pub const HALLS: [u32; 3] = [1_000, 10_000, 100_000];

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name in the result.
    pub id: String,
    /// The row it belongs to.
    pub row: u8,
    /// Its name for people.
    pub label: String,
    /// What one operation is.
    pub unit: &'static str,
    /// What is done.
    pub what: What,
}

/// Which server a case asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The server as it is shipped.
    Main,
    /// The same with a batch of one.
    Unbatched,
    /// The one on the database with so many past orders, by its place in the list.
    Grown(usize),
}

/// What one case does.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The baseline.
    Pgbench {
        /// Clients.
        clients: u32,
    },
    /// Free orders for a new event that everybody wants.
    HotEvent {
        /// Which server.
        on: On,
        /// Connections.
        connections: usize,
        /// A share of the rate that another case reached, for an open loop.
        share_of: Option<(&'static str, f64)>,
    },
    /// Free orders spread over many events.
    ManyEvents {
        /// How many.
        events: usize,
    },
    /// Free orders for a few events at a steady rate that is far below what the server can do.
    OtherEvents {
        /// Whether everybody wants another event meanwhile, at a share of the rate that a case reached.
        beside: Option<(&'static str, f64)>,
    },
    /// A hold and then its order, for a new event.
    HoldThenOrder,
    /// Free orders of two seats in halls of [`HALL_SEATS`].
    Seats {
        /// Whether the seats are named; otherwise the best are taken.
        is_named: bool,
    },
    /// The best two seats of a hall are held, and given back.
    HoldBest {
        /// How many seats the hall has.
        seats: u32,
    },
    /// Which seats of a hall are free.
    SeatStatus,
    /// One place for a hundred callers.
    Rush,
    /// The bare hello-world.
    Hello,
    /// A page of the server.
    Page {
        /// `/livez` instead of an event's page.
        is_livez: bool,
        /// What the client can decompress.
        accept_encoding: Option<&'static str>,
    },
    /// A scan at the door.
    Scan,
}

impl Case {
    fn new(row: u8, id: impl Into<String>, label: impl Into<String>, unit: &'static str, what: What) -> Self {
        Self { id: id.into(), row, label: label.into(), unit, what }
    }
}

/// The cases of rows 1 to 5 that are wanted and possible.
pub fn of_rows(options: &Options, can_switch_batching_off: bool, events: [usize; 2]) -> Vec<Case> {
    let mut cases: Vec<Case> = CLIENTS.iter().map(|clients| pgbench(*clients)).collect();
    cases.extend([64, CONNECTIONS, 1024].map(|connections| hot(On::Main, connections)));
    if can_switch_batching_off {
        cases.push(hot(On::Unbatched, CONNECTIONS));
    }
    let open = What::HotEvent { on: On::Main, connections: CONNECTIONS, share_of: Some(("order-256", OPEN_SHARE)) };
    cases.push(Case::new(2, "order-256-open", "order, 1 hot event, open loop at 70 % of closed", "orders", open));
    for (id, events) in ["order-100-events", "order-1000-events"].into_iter().zip(events) {
        let label = format!("order, {events} events, {CONNECTIONS} connections");
        cases.push(Case::new(2, id, label, "orders", What::ManyEvents { events }));
    }
    for (id, words, beside) in
        [("others", "nothing else", None), ("others-beside-hot", "a hot event", Some(("order-256", OPEN_SHARE)))]
    {
        let label = format!("order, {OTHER_EVENTS} events at {OTHER_RATE}/s beside {words}");
        cases.push(Case::new(2, id, label, "orders", What::OtherEvents { beside }));
    }
    cases.push(Case::new(3, "pair-256", "hold then order, 1 hot event", "pairs", What::HoldThenOrder));
    for (id, words, is_named) in
        [("seats-named-256", "2 seats by list", true), ("seats-best-256", "best 2 seats", false)]
    {
        let label = format!("order, {words}, hall of {HALL_SEATS}");
        cases.push(Case::new(3, id, label, "orders", What::Seats { is_named }));
    }
    cases.push(Case::new(4, "rush-256", "rush, 1 place for 100 callers", "answers", What::Rush));
    // Rows 4 and 5 are measured against it.
    cases.push(Case::new(5, "hello-256", "bare hello-world, same HTTP stack", "requests", What::Hello));
    for (id, label, is_livez, accept_encoding) in [
        ("livez-256", "/livez, all layers of the server", true, None),
        ("page-256", "event page, as it is", false, None),
        ("page-br-256", "event page, br", false, Some("br")),
    ] {
        cases.push(Case::new(5, id, label, "requests", What::Page { is_livez, accept_encoding }));
    }
    let label = format!("seat status, hall of {HALL_SEATS}");
    cases.push(Case::new(5, "seat-status-256", label, "requests", What::SeatStatus));
    cases.push(Case::new(5, "scan-256", "scan at the door", "scans", What::Scan));
    cases.retain(|case| options.wants(case.row) || (case.id == "hello-256" && options.wants(4)));
    cases.retain(|case| options.wants_case(&case.id));
    cases
}

/// The cases of row 6.
pub fn of_growth(options: &Options, past: &[u64]) -> Vec<Case> {
    let case = |(index, past): (usize, &u64)| {
        let what = What::HotEvent { on: On::Grown(index), connections: CONNECTIONS, share_of: None };
        Case::new(6, format!("grown-{past}"), format!("order, {past} past orders"), "orders", what)
    };
    let hall = |seats: &u32| {
        let label = format!("hold best 2 seats then release, hall of {seats}");
        Case::new(6, format!("hall-{seats}"), label, "pairs", What::HoldBest { seats: *seats })
    };
    let cases = past.iter().enumerate().map(case).chain(HALLS.iter().map(hall));
    cases.filter(|case| options.wants_case(&case.id)).collect()
}

fn pgbench(clients: u32) -> Case {
    let label = format!("pgbench, one transaction a booking, {clients} clients");
    Case::new(1, format!("pgbench-{clients}"), label, "bookings", What::Pgbench { clients })
}

fn hot(on: On, connections: usize) -> Case {
    let (id, words) = match on {
        On::Unbatched => (format!("order-{connections}-unbatched"), ", batch of one"),
        On::Main | On::Grown(_) => (format!("order-{connections}"), ""),
    };
    let label = format!("order, 1 hot event, {connections} connections{words}");
    Case::new(2, id, label, "orders", What::HotEvent { on, connections, share_of: None })
}

/// The cases of a round: each begins at another place of the circle, so that none is always first or always behind the same one.
pub fn rotated(cases: &[Case], round: usize) -> Vec<&Case> {
    // Steps of about a third have no common rhythm with three or five rounds.
    let step = (cases.len() / 3).max(1);
    let begin = (round * step).checked_rem(cases.len()).unwrap_or_default();
    let (front, back) = cases.split_at(begin);
    back.iter().chain(front).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::tests::options;

    #[test]
    fn a_round_has_every_case_and_the_first_round_keeps_the_order() {
        let cases = of_rows(&options(), true, [100, 1000]);
        let ids = |round| rotated(&cases, round).iter().map(|case| case.id.clone()).collect::<Vec<_>>();
        let first = ids(0);
        assert_eq!(first.first().map(String::as_str), Some("pgbench-8"));
        for round in 1..5 {
            let mut other = ids(round);
            assert_ne!(other.first(), first.first(), "round {round}");
            other.sort();
            let mut sorted = first.clone();
            sorted.sort();
            assert_eq!(other, sorted);
        }
    }

    #[test]
    fn only_the_rows_that_are_wanted_are_measured_and_what_they_are_measured_against() {
        let wanted = Options { rows: vec![4], ..options() };
        let ids: Vec<String> = of_rows(&wanted, true, [1, 2]).into_iter().map(|case| case.id).collect();
        assert_eq!(ids, ["rush-256", "hello-256"]);
    }

    #[test]
    fn no_two_cases_have_one_name() {
        let mut ids: Vec<String> = of_rows(&options(), true, [100, 1000]).into_iter().map(|case| case.id).collect();
        ids.extend(of_growth(&options(), &[0, 5]).into_iter().map(|case| case.id));
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
