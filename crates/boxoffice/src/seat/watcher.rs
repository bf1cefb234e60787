//! Somebody who watches the seats of an event, over whichever kind of connection.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use platform::Scope;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use web::{AppState, Problem};

use super::layout::find_event;
use super::live::{self, Known};
use super::status::SeatStatusView;

/// After so long without news a sign of life is sent: proxies and browsers give up on silence.
const SILENCE_MAX: Duration = Duration::from_secs(8);

/// Somebody who watches the seats.
pub(super) struct Watcher {
    seats: watch::Receiver<Arc<Known>>,
    shutdown: CancellationToken,
    /// The version that was told last.
    told: Option<i64>,
    is_first: bool,
}

/// The next thing to say.
#[derive(Debug)]
pub(super) enum News {
    /// What changed, or all seats.
    Seats(SeatStatusView),
    /// Nothing has changed for a while.
    Quiet,
}

impl Watcher {
    /// Watches a public event's seats; `told` is the version that the watcher has already.
    pub(super) async fn of(app: &AppState, slug: String, told: Option<i64>) -> Result<Self, Problem> {
        let facts = app.platform.db.read(Scope::Public, "find_event", slug, find_event).await?;
        let seats = live::follow(&app.platform, facts.organisation, facts.id).await?;
        Ok(Self { seats, shutdown: app.shutdown.clone(), told, is_first: true })
    }

    /// The next thing to say, at once the first time; `None` when there will be no more, since the server stops or the seats are gone. A caller
    /// that drops the future misses nothing.
    pub(super) async fn next(&mut self) -> Option<News> {
        if !self.is_first {
            tokio::select! {
                () = self.shutdown.cancelled() => return None,
                changed = tokio::time::timeout(SILENCE_MAX, self.seats.changed()) => match changed {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return None,
                    Err(_) => return Some(News::Quiet),
                },
            }
        }
        self.is_first = false;
        let known = Arc::clone(&self.seats.borrow_and_update());
        Some(News::Seats(self.view(&known)))
    }

    fn view(&mut self, known: &Known) -> SeatStatusView {
        let (version, seats) = (known.version(), known.statuses().len());
        let changes = self.told.and_then(|told| known.since(told));
        self.told = Some(version);
        SeatStatusView {
            version,
            seats,
            statuses: changes.is_none().then(|| STANDARD.encode(known.statuses().bytes())),
            changes: changes.map(|seats| seats.into_iter().map(|(seat, status)| (seat.0, status.bits())).collect()),
        }
    }
}
