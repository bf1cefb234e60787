//! Calls an event off. What happens to its orders is the box office's to decide when it hears of it.

use axum::extract::State;
use kernel::events::EventCancelled;
use kernel::{EventId, OrganisationId};
use platform::db::Tx;
use platform::{Failure, Fault, Refusal, RefusalKind};
use web::rights::EditEvents;
use web::{AppState, Member, Path, Problem, Versioned};

use super::model::{CannotCancel, Event};
use super::show::EventPath;
use super::store;
use super::view::EventView;

/// Why an event was not called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    /// Missing or foreign.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// It was never announced.
    #[error("This event is a draft: nobody was told of it, so there is nothing to cancel.")]
    IsDraft,
    /// It is called off already.
    #[error("This event is cancelled already.")]
    IsCancelled,
}

impl From<CannotCancel> for CancelRefusal {
    fn from(why: CannotCancel) -> Self {
        match why {
            CannotCancel::IsDraft => Self::IsDraft,
            CannotCancel::IsCancelled => Self::IsCancelled,
        }
    }
}

impl Refusal for CancelRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::IsDraft => "is_draft",
            Self::IsCancelled => "already_cancelled",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::IsDraft | Self::IsCancelled => RefusalKind::Conflict,
        }
    }
}

/// Calls an event off.
pub async fn cancel(
    tx: &mut Tx,
    (organisation, event): (OrganisationId, EventId),
) -> Result<Event, Failure<CancelRefusal>> {
    let before = store::find_for_update(tx, organisation, event).await?.ok_or(CancelRefusal::NotFound)?;
    let state = before.state.cancel(tx.now()).map_err(CancelRefusal::from)?;
    store::update_state(tx, organisation, event, state).await?;
    tx.record(Some(organisation), &EventCancelled { event }).await?;
    store::find(tx, organisation, event).await?.ok_or_else(|| Fault::corrupt("a cancelled event is not there").into())
}

/// Call an event off. Its page stays and says so; nothing more is sold.
#[utoipa::path(
    post, path = "/api/v1/organisations/{organisation}/events/{event}/cancel", tag = "events",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = EventView)),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn cancel_event(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    Path(path): Path<EventPath>,
) -> Result<Versioned<EventView>, Problem> {
    let event = app.platform.db.write(member.scope(), "cancel_event", (path.organisation, path.event), cancel).await?;
    Ok(Versioned { version: event.facts.version, body: EventView::of(&app.platform, &event) })
}
