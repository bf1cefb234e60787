//! Makes an event public, or takes it back. The box office calls this after its own gate.

use kernel::events::EventPublished;
use kernel::{EventId, OrganisationId};
use platform::db::Tx;
use platform::{Failure, Fault, FieldError, Refusal, RefusalKind};

use super::model::{Event, EventState, IsCancelled};
use super::readiness::{ReadinessItem, readiness};
use super::store;
use crate::journal::EventUnpublished;

/// Why an event did not become public.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishRefusal {
    /// Missing or foreign.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// It is called off.
    #[error("This event is cancelled and cannot become public again.")]
    Cancelled,
    /// Something is missing.
    #[error("This event is not ready yet.")]
    NotReady(Vec<ReadinessItem>),
}

impl From<IsCancelled> for PublishRefusal {
    fn from(_: IsCancelled) -> Self {
        Self::Cancelled
    }
}

impl Refusal for PublishRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Cancelled => "cancelled",
            Self::NotReady(_) => "not_ready",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::Cancelled | Self::NotReady(_) => RefusalKind::Conflict,
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::NotReady(items) => Some(serde_json::json!({ "readiness": items })),
            _ => None,
        }
    }
}

/// The state of a ready event after publication, or why there is none.
fn decide(event: &Event, unlisted: bool, now: kernel::Timestamp) -> Result<EventState, PublishRefusal> {
    let state = event.state.publish(unlisted, now)?;
    let items = readiness(&event.facts);
    if items.iter().all(|item| item.ok) { Ok(state) } else { Err(PublishRefusal::NotReady(items)) }
}

/// Makes an event public, listed or not. Doing it again changes nothing.
pub async fn publish(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    unlisted: bool,
) -> Result<Event, Failure<PublishRefusal>> {
    let before = store::find_for_update(tx, organisation, event).await?.ok_or(PublishRefusal::NotFound)?;
    let state = decide(&before, unlisted, tx.now())?;
    if state == before.state {
        return Ok(before);
    }
    store::update_state(tx, organisation, event, state).await?;
    tx.record(Some(organisation), &EventPublished { event, unlisted }).await?;
    changed(tx, organisation, event).await
}

/// Makes a public event a draft again. That nothing is sold yet is for the box office to check, under the lock this takes.
pub async fn unpublish(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
) -> Result<Event, Failure<PublishRefusal>> {
    let before = store::find_for_update(tx, organisation, event).await?.ok_or(PublishRefusal::NotFound)?;
    let state = before.state.unpublish().map_err(PublishRefusal::from)?;
    if state == before.state {
        return Ok(before);
    }
    store::update_state(tx, organisation, event, state).await?;
    tx.record(Some(organisation), &EventUnpublished { event }).await?;
    changed(tx, organisation, event).await
}

async fn changed(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Event, Failure<PublishRefusal>> {
    store::find(tx, organisation, event).await?.ok_or_else(|| Fault::corrupt("a changed event is not there").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::lines::tests::facts;

    #[test]
    fn the_gate_and_the_list_say_the_same() {
        let now: kernel::Timestamp = "2027-01-01T10:00Z".parse().unwrap();
        let mut event = Event {
            facts: facts("2027-03-12T19:00", "2027-03-13T01:00", "Europe/Amsterdam"),
            state: EventState::Draft,
            description: String::new(),
            created_at: now,
        };
        assert_eq!(decide(&event, false, now), Ok(EventState::Published { at: now }));
        event.facts.venue_name = String::new();
        event.facts.address = String::new();
        assert_eq!(decide(&event, false, now), Err(PublishRefusal::NotReady(readiness(&event.facts))));
        event.state = EventState::Cancelled { published_at: now, at: now };
        assert_eq!(decide(&event, true, now), Err(PublishRefusal::Cancelled));
    }
}
