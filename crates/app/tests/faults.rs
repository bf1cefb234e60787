//! What breaks around a server at full load: its way to PostgreSQL, PostgreSQL's connections and disk, the clock, its clients.
//!
//! The pass line is the same for all: no acknowledged order is lost, nothing is oversold, the invariants and the journal's chains hold,
//! nobody is told anything but 503 with `Retry-After`, and it comes back. Times are printed, not judged.
//!
//! `FAULT_SECONDS` is how long each lasts, `FAULT_ROUNDS` how often what happens in rounds happens, `FAULT_ABORTS` how many clients
//! hang up. They run one at a time, since each takes the whole machine.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![expect(clippy::print_stdout, reason = "what was measured, for whoever reads the log")]

mod support;

mod faults {
    mod clock;
    mod commits;
    mod connections;
    mod disk;
    mod hang_ups;
    mod nodes;
    mod way;

    use std::time::Duration;

    use tokio::sync::Mutex;

    use crate::support::verdict::rounds;

    /// Whose turn it is.
    static TURN: Mutex<()> = Mutex::const_new(());

    fn lasting() -> Duration {
        Duration::from_secs(rounds("FAULT_SECONDS", 4))
    }
}
