//! Who stands at the door: a device with its link, or a member with the right to check in.

use axum::extract::FromRequestParts;
use http::request::Parts;
use kernel::{DeviceId, ListId, OrganisationId};
use platform::Scope;
use serde::Deserialize;
use web::rights::CheckIn;
use web::{AppState, Member, Path, Problem, RawBearer};

use crate::device::authenticate::authenticate;

/// A place where tickets are scanned, proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The list that decides who comes in.
    pub list: ListId,
    /// The device; none when a member scans.
    pub device: Option<DeviceId>,
}

impl Gate {
    /// The fence of the gate's transactions.
    pub fn scope(&self) -> Scope {
        Scope::Tenant(self.organisation)
    }
}

/// A device with a link that works: `Authorization: Bearer td_...`. Its token says whose door and which list.
#[derive(Debug, Clone, Copy)]
pub struct Door(pub Gate);

impl FromRequestParts<AppState> for Door {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let RawBearer(token) = RawBearer::from_request_parts(parts, app).await?;
        let token = token.ok_or_else(Problem::unauthenticated)?;
        let device = authenticate(&app.platform, &token).await?.ok_or_else(Problem::unauthenticated)?;
        Ok(Self(Gate { organisation: device.organisation, list: device.list, device: Some(device.id) }))
    }
}

/// A member with the right to check in, at the list that the path names. Whether there is such a list, each operation finds out.
#[derive(Debug, Clone, Copy)]
pub struct Steward(pub Gate);

#[derive(Debug, Clone, Copy, Deserialize)]
struct StewardPath {
    list: ListId,
}

impl FromRequestParts<AppState> for Steward {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let member = Member::<CheckIn>::from_request_parts(parts, app).await?;
        let Path(StewardPath { list }) = Path::from_request_parts(parts, app).await?;
        Ok(Self(Gate { organisation: member.organisation, list, device: None }))
    }
}
