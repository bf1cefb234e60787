//! More time for a buyer who is still typing.

use axum::extract::State;
use jiff::SignedDuration;
use kernel::{HoldId, OrganisationId};
use platform::{Failure, Fault, Refusal, RefusalKind, Scope, Tx};
use web::{AppState, Json, Path, Problem};

use super::model::{self, Hold, HoldEnded, HoldState, RenewRefusal};
use super::show::{HoldSecret, HoldView, locate};
use super::store;

/// Ask for as much time again.
#[derive(Debug, Clone)]
pub struct Renew {
    /// The tenant.
    pub organisation: OrganisationId,
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

/// Moves the end of a live hold.
pub async fn renew(tx: &mut Tx, command: Renew) -> Result<Hold, Failure<RenewRefusal>> {
    let mut hold = store::lock(tx, command.organisation, command.hold)
        .await?
        .ok_or(HoldEnded::Expired)
        .map_err(RenewRefusal::Ended)?;
    hold.state = model::renew(&hold, command.ttl, command.renewals_max, tx.now())?;
    if let HoldState::Live { expires_at, renewals } = hold.state {
        store::extend(tx, command.organisation, hold.id, expires_at, renewals).await?;
    }
    Ok(hold)
}

/// Hold the places a little longer
#[utoipa::path(post, path = "/api/v1/holds/{hold}/renew", tag = "Holds", request_body = HoldSecretBody, params(("hold" = HoldId, Path)),
    responses((status = 200, body = HoldView)), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn renew_http(
    State(app): State<AppState>,
    Path(id): Path<HoldId>,
    Json(body): Json<HoldSecretBody>,
) -> Result<Json<HoldView>, Problem> {
    let organisation = locate(&app.platform, id, &body.secret).await?;
    let holds = &app.platform.config.holds;
    let ttl = SignedDuration::try_from(holds.ttl).map_err(Fault::corrupt)?;
    let command = Renew { organisation, hold: id, ttl, renewals_max: holds.renewals_max };
    let hold = app.platform.db.write(Scope::Tenant(organisation), "renew_hold", command, renew).await?;
    Ok(Json(HoldView::of(&app.platform, &hold, &[])?))
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
