//! What the generator is told, and what it reports.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One run of the generator.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Spec {
    /// Where the server listens.
    pub address: SocketAddr,
    /// Connections kept alive.
    pub connections: usize,
    /// Threads to share them among.
    pub threads: usize,
    /// Seconds before anything is measured.
    pub warm_up_seconds: f64,
    /// Seconds that are measured.
    pub seconds: f64,
    /// Operations a second for an open loop; none: each connection asks again when it has its answer.
    pub rate: Option<f64>,
    /// The number of the first operation; buyers are named by these, so that none comes twice.
    pub first: u64,
    /// What is asked.
    pub operation: Operation,
}

/// What the name of a seat begins with; the digits of its number follow.
pub const SEAT: &str = "s";

/// One operation, as a client sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `GET` of these paths in turn.
    Fetch {
        /// The paths.
        paths: Vec<String>,
        /// The `Accept-Encoding` of the client, if it sends one.
        accept_encoding: Option<String>,
    },
    /// A free order in one call.
    Order {
        /// What is sold; buyers are spread evenly.
        shows: Vec<Show>,
        /// Tickets an order.
        quantity: u32,
    },
    /// A hold and then its order: the pair is one operation.
    HoldThenOrder {
        /// What is sold.
        shows: Vec<Show>,
        /// Tickets an order.
        quantity: u32,
    },
    /// Many callers for few places: so many for the first show, then for the next. A refusal is an answer.
    Rush {
        /// What is sold.
        shows: Vec<Show>,
        /// Callers each show gets.
        callers_each: u64,
        /// Whether the server takes an order in one call; otherwise callers ask for a hold.
        in_one_call: bool,
        /// Places each asks for.
        quantity: u32,
    },
    /// Free orders of two seats side by side that are named: so many for the first hall, then for the next.
    NamedSeats {
        /// The halls; their seats are named by [`SEAT`] and a number from 0.
        shows: Vec<Show>,
        /// Orders each hall gets.
        orders_each: u64,
    },
    /// A hold and then its release: the pair is one operation.
    HoldThenRelease {
        /// What is held.
        shows: Vec<Show>,
        /// Places a hold.
        quantity: u32,
    },
    /// A scan at the door, each code once.
    Scan {
        /// The device's token.
        token: String,
        /// A file with a code a line.
        codes: PathBuf,
    },
}

/// A published event with one free ticket type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Show {
    /// Its name in addresses.
    pub slug: String,
    /// Its ticket type.
    pub ticket_type: String,
}

/// What came of it. Counts are of the measured window unless they say otherwise: of what was answered in it, or, in an open loop,
/// of what was due in it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Report {
    /// Length of the window as it was, seconds.
    pub seconds: f64,
    /// Operations that did what was asked.
    pub done: u64,
    /// Operations that were refused for want of places.
    pub refused: u64,
    /// Operations that ended otherwise.
    pub failed: u64,
    /// Requests by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Connections that broke.
    pub errors: u64,
    /// Operations of an open loop that were due and had no answer when patience ended.
    pub unfinished: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Operations that did what was asked, before, in and after the window.
    pub done_in_all: u64,
    /// Operations without a known outcome in all: broken connections, and those cut off at the end.
    pub unknown_in_all: u64,
    /// How many numbers were used up.
    pub numbers: u64,
    /// Nothing was left to ask for before the window ended.
    pub ran_out: bool,
    /// The generator's own processor time in the window, microseconds.
    pub own_us: f64,
    /// How long answers took.
    pub latency: Latency,
}

/// Latencies, milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Half are faster.
    pub p50: f64,
    /// One in ten is slower.
    pub p90: f64,
    /// One in a hundred is slower.
    pub p99: f64,
    /// One in a thousand is slower.
    pub p999: f64,
    /// The slowest.
    pub max: f64,
}
