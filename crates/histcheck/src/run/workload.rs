//! The six things that clients do.

use std::time::Duration;

use clap::ValueEnum;

/// What a run puts under stress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Workload {
    /// Everyone wants one pool.
    Hot,
    /// A thousand pools.
    ManyPools,
    /// Ticket types that draw from two shared pools at once.
    Bundles,
    /// Holds that are confirmed, released, or left to expire.
    Endings,
    /// The organiser changes capacities while buyers buy.
    Resizes,
    /// Clients that hang up in mid-call, and purchases in one call.
    HangUps,
}

impl Workload {
    /// All six.
    pub const ALL: [Self; 6] = [Self::Hot, Self::ManyPools, Self::Bundles, Self::Endings, Self::Resizes, Self::HangUps];
}

/// What a workload needs and what its clients do. Chances are in percent.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The title of its events.
    pub title: &'static str,
    /// Events.
    pub events: usize,
    /// Pools of an event.
    pub pools: usize,
    /// Places of a pool in the beginning.
    pub capacity: i32,
    /// Types draw from two pools each, around the circle, instead of from one of their own.
    pub is_bundled: bool,
    /// Most places a call asks for.
    pub quantity_max: u64,
    /// Most holds a client keeps at a time.
    pub holds_max: usize,
    /// How long holds last.
    pub ttl: Duration,
    /// A client with holds ends one of them instead of taking another.
    pub end_chance: u64,
    /// An ending hold is confirmed.
    pub confirm_chance: u64,
    /// An ending hold is left to expire.
    pub abandon_chance: u64,
    /// A client looks at the stock.
    pub look_chance: u64,
    /// A client buys in one call instead of taking a hold.
    pub buy_chance: u64,
    /// A client hangs up before the answer.
    pub hang_up_chance: u64,
    /// How long a client that hangs up waits at most.
    pub patience: Duration,
    /// The organiser changes a capacity so often; otherwise only when nothing is left.
    pub resize_every: Option<Duration>,
}

const PLAIN: Shape = Shape {
    title: "Hot",
    events: 1,
    pools: 1,
    capacity: 24,
    is_bundled: false,
    quantity_max: 3,
    holds_max: 2,
    ttl: Duration::from_secs(600),
    end_chance: 45,
    confirm_chance: 15,
    abandon_chance: 0,
    look_chance: 8,
    buy_chance: 0,
    hang_up_chance: 0,
    patience: Duration::from_millis(12),
    resize_every: None,
};

/// Runs shorter than this get a tenth of the pools, since making them takes longer than the run. Seconds.
const MANY_POOLS_SECONDS_MIN: u64 = 10;

impl Workload {
    /// The shape of a run of this length.
    pub fn shape(self, duration: Duration) -> Shape {
        let is_long = duration.as_secs() >= MANY_POOLS_SECONDS_MIN;
        match self {
            Self::Hot => Shape { buy_chance: 10, ..PLAIN },
            Self::ManyPools => Shape {
                title: "Many pools",
                events: if is_long { 10 } else { 1 },
                pools: 100,
                capacity: 2,
                holds_max: 3,
                look_chance: 2,
                ..PLAIN
            },
            Self::Bundles => {
                Shape { title: "Bundles", pools: 4, capacity: 14, is_bundled: true, buy_chance: 20, ..PLAIN }
            }
            Self::Endings => Shape {
                title: "Endings",
                capacity: 10,
                holds_max: 4,
                ttl: Duration::from_secs(1),
                abandon_chance: 50,
                ..PLAIN
            },
            Self::Resizes => Shape {
                title: "Resizes",
                pools: 2,
                capacity: 20,
                resize_every: Some(Duration::from_millis(8)),
                ..PLAIN
            },
            Self::HangUps => Shape {
                title: "Hang-ups",
                pools: 2,
                capacity: 24,
                ttl: Duration::from_secs(1),
                buy_chance: 45,
                hang_up_chance: 35,
                ..PLAIN
            },
        }
    }
}
