//! What a connection is doing, and until when it may go on doing it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::HttpSettings;

/// After a drain has begun, a connection without a request is closed once it has been so for this long: time for bytes under way.
const LAST_WORD: Duration = Duration::from_millis(500);

/// Watches one connection. The socket reports what it reads and writes, the service when requests begin and end.
#[derive(Clone)]
pub(super) struct Watch(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    changed: Notify,
    is_http2: bool,
}

struct State {
    /// Requests whose answers are not handed over to the protocol yet.
    running: usize,
    /// Whether an answer that was handed over still has bytes to write.
    is_unwritten: bool,
    /// Since when no request runs and everything is written.
    idle_since: Instant,
    /// Since when a request's head is arriving in pieces (HTTP/1 only).
    head_since: Option<Instant>,
    /// Since when the client has not taken what is to be written.
    stuck_since: Option<Instant>,
    /// Since when the connection is to end.
    draining_since: Option<Instant>,
}

impl State {
    fn is_busy(&self) -> bool {
        self.running > 0 || self.is_unwritten
    }
}

impl Watch {
    pub(super) fn new(is_http2: bool) -> Self {
        let now = Instant::now();
        // A connection begins with bytes on it: the look at the version waited for them.
        let head_since = (!is_http2).then_some(now);
        let state = State {
            running: 0,
            is_unwritten: false,
            idle_since: now,
            head_since,
            stuck_since: None,
            draining_since: None,
        };
        Self(Arc::new(Inner { state: Mutex::new(state), changed: Notify::new(), is_http2 }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes came. Between requests of HTTP/1 they are the beginning of the next head.
    pub(super) fn has_read(&self) {
        let mut state = self.state();
        if !self.0.is_http2 && !state.is_busy() && state.head_since.is_none() {
            state.head_since = Some(Instant::now());
            self.0.changed.notify_one();
        }
    }

    /// The client took bytes, or did not.
    pub(super) fn has_written(&self, is_stuck: bool) {
        let mut state = self.state();
        if !is_stuck {
            state.stuck_since = None;
        } else if state.stuck_since.is_none() {
            state.stuck_since = Some(Instant::now());
            self.0.changed.notify_one();
        }
    }

    /// The protocol has written everything it had.
    pub(super) fn has_flushed(&self) {
        let mut state = self.state();
        if state.is_unwritten && state.running == 0 {
            state.is_unwritten = false;
            state.idle_since = Instant::now();
            self.0.changed.notify_one();
        }
    }

    pub(super) fn drain(&self) {
        self.state().draining_since.get_or_insert_with(Instant::now);
    }

    /// Whether no answer is under way: what is written now is the protocol's own.
    pub(super) fn is_idle(&self) -> bool {
        !self.state().is_busy()
    }

    /// A request has begun; it ends when the guard is dropped.
    pub(super) fn begin(&self) -> Running {
        let mut state = self.state();
        state.running += 1;
        state.is_unwritten = true;
        state.head_since = None;
        Running(self.clone())
    }

    /// When the connection is overdue as things stand; never while requests run and the client takes their answers.
    fn deadline(&self, settings: &HttpSettings) -> Option<Instant> {
        let state = self.state();
        let stuck = state.stuck_since.map(|since| since + settings.request_timeout);
        if state.is_busy() {
            return stuck;
        }
        let silence = match state.head_since {
            Some(since) => since + settings.header_read_timeout,
            None => state.idle_since + settings.keep_alive_timeout,
        };
        let last_word = state.draining_since.map(|since| since.max(state.idle_since) + LAST_WORD);
        [Some(silence), last_word, stuck].into_iter().flatten().min()
    }

    /// Waits until the connection is overdue.
    pub(super) async fn overdue(&self, settings: &HttpSettings) {
        loop {
            let changed = self.0.changed.notified();
            match self.deadline(settings) {
                Some(deadline) if deadline <= Instant::now() => return,
                Some(deadline) => tokio::select! {
                    () = changed => {}
                    () = tokio::time::sleep_until(deadline) => {}
                },
                None => changed.await,
            }
        }
    }
}

/// A request under way.
pub(super) struct Running(Watch);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.state().running -= 1;
    }
}
