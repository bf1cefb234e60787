//! More time for a buyer who is still typing.

use axum::extract::State;
use jiff::SignedDuration;
use kernel::{EventId, HoldId, OrganisationId};
use platform::{Failure, Fault, Platform, Refusal, RefusalKind};
use web::{AppState, Json, Path, Problem};

use super::model::{Hold, HoldEnded, RenewRefusal};
use super::secret::{HoldPlace, locate};
use super::show::{HoldSecret, HoldView};
use crate::lane;

/// Ask for as much time again.
#[derive(Debug, Clone)]
pub struct Renew {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Of which event.
    pub event: EventId,
    /// Which hold.
    pub hold: HoldId,
    /// How much time.
    pub ttl: SignedDuration,
    /// How often a hold may be renewed.
    pub renewals_max: u32,
}

impl Refusal for HoldEnded {
    fn code(&self) -> &'static str {
        match self {
            Self::Expired => "hold_expired",
            Self::Released => "hold_released",
            Self::Converted => "hold_converted",
        }
    }
    fn kind(&self) -> RefusalKind {
        RefusalKind::Gone
    }
}

impl Refusal for RenewRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Ended(ended) => ended.code(),
            Self::TooOften => "renewed_too_often",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::Ended(ended) => ended.kind(),
            Self::TooOften => RefusalKind::Conflict,
        }
    }
}

/// Moves the end of a live hold, by as much time and as often as the settings allow. Both the API and the pages call it.
pub async fn renew(platform: &Platform, place: HoldPlace, hold: HoldId) -> Result<Hold, Failure<RenewRefusal>> {
    let holds = &platform.config.holds;
    let ttl = SignedDuration::try_from(holds.ttl).map_err(Fault::corrupt)?;
    let HoldPlace { organisation, event } = place;
    let command = Renew { organisation, event, hold, ttl, renewals_max: holds.renewals_max };
    Ok(lane::ask(platform, command).await?.answer)
}

/// Hold the places a little longer
#[utoipa::path(post, path = "/api/v1/holds/{hold}/renew", tag = "Holds", request_body = HoldSecretBody, params(("hold" = HoldId, Path)),
    responses((status = 200, body = HoldView)), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn renew_http(
    State(app): State<AppState>,
    Path(id): Path<HoldId>,
    Json(body): Json<HoldSecretBody>,
) -> Result<Json<HoldView>, Problem> {
    let place = locate(&app.platform.vault, id, &body.secret).map_err(|refusal| Problem::refused(&refusal))?;
    let hold = renew(&app.platform, place, id).await?;
    Ok(Json(HoldView::of(&app.platform, place.organisation, &hold, &[])?))
}

/// The proof of owning a hold, in a body.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldSecretBody {
    /// The hold's secret.
    pub secret: String,
}

impl From<HoldSecretBody> for HoldSecret {
    fn from(body: HoldSecretBody) -> Self {
        Self { secret: body.secret }
    }
}
