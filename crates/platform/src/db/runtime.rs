//! Where transactions run: threads of their own beside those of the requests.
//!
//! A batch of the box office makes a dozen round trips, and nothing else of its event happens meanwhile. Among the tasks of a thousand requests
//! each answer of the database may have to wait until a busy worker looks at its sockets again, which tokio does every 61 tasks. Here nobody
//! stands before it but other transactions.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

/// The threads; one for each core, as the requests have.
static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

/// The runtime of the process's transactions, which lives as long as the process; none when it can have no more threads.
pub(super) fn handle() -> Option<Handle> {
    let make = || Builder::new_multi_thread().thread_name("database").enable_all().build().ok();
    RUNTIME.get_or_init(make).as_ref().map(|runtime| runtime.handle().clone())
}
