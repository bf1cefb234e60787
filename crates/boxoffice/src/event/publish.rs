//! Making an event public, once it is ready.

use axum::extract::State;
use kernel::{EventId, OrganisationId};
use platform::{Failure, FieldError, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use web::rights::EditEvents;
use web::{AppState, Json, Member, Path, Problem};

use super::readiness::{Readiness, readiness};

/// Make an event public.
#[derive(Debug, Clone, Copy)]
pub struct Publish {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Which event.
    pub event: EventId,
    /// Whether only people with the address find it.
    pub is_unlisted: bool,
}

/// Why an event does not go public.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishRefusal {
    /// No such event.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// Something is missing.
    #[error("The event is not ready to be published yet.")]
    NotReady(Readiness),
    /// It was called off.
    #[error("This event was cancelled and cannot be published again.")]
    Cancelled,
}

/// The catalogue's own gate is part of the readiness list, so what it can still refuse is an event that was called off or is gone.
impl From<catalog::api::PublishRefusal> for PublishRefusal {
    fn from(refusal: catalog::api::PublishRefusal) -> Self {
        match refusal {
            catalog::api::PublishRefusal::NotFound => Self::NotFound,
            catalog::api::PublishRefusal::Cancelled | catalog::api::PublishRefusal::NotReady(_) => Self::Cancelled,
        }
    }
}

impl Refusal for PublishRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NotReady(_) => "not_ready",
            Self::Cancelled => "event_cancelled",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::NotReady(_) | Self::Cancelled => RefusalKind::Conflict,
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        let Self::NotReady(readiness) = self else { return Vec::new() };
        readiness
            .items
            .iter()
            .filter(|item| item.is_required && !item.ok)
            .map(|item| FieldError::new("", item.code.clone(), item.text.clone()))
            .collect()
    }
}

/// Publishes an event whose readiness list has no required item open.
pub async fn publish(tx: &mut Tx, command: Publish) -> Result<(), Failure<PublishRefusal>> {
    let key = (command.organisation, command.event);
    let ready = readiness(tx, key).await.map_err(|failure| failure.map(|_| PublishRefusal::NotFound))?;
    if !ready.can_publish {
        return Err(PublishRefusal::NotReady(ready).into());
    }
    catalog::api::publish(tx, command.organisation, command.event, command.is_unlisted)
        .await
        .map_err(|failure| failure.map(PublishRefusal::from))?;
    Ok(())
}

/// How an event goes public.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishRequest {
    /// Whether only people with the address find it.
    #[serde(default)]
    unlisted: bool,
}

/// Publish an event
///
/// Refused with the open items of the readiness list while something is missing. Publishing again switches between listed and unlisted.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation}/events/{event}/publish", tag = "Events", request_body = PublishRequest,
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = Readiness)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn publish_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId)>,
    Json(body): Json<PublishRequest>,
) -> Result<Json<Readiness>, Problem> {
    let Path((_, event)) = path;
    let command = Publish { organisation: member.organisation, event, is_unlisted: body.unlisted };
    app.platform.db.write(member.scope(), "publish_event", command, publish).await?;
    Ok(Json(app.platform.db.read(member.scope(), "assess_readiness", (member.organisation, event), readiness).await?))
}
