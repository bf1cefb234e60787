//! A person's place: what the stream tells again and again, asked for once.

use axum::extract::State;
use http::HeaderMap;
use jiff::Timestamp;
use kernel::WaitingEntryId;
use platform::{Failure, NotFound, Platform};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use web::{AppState, Json, Path, Problem, Query};

use super::hall::Hall;
use super::model::estimate::Estimate;
use super::model::{EntryState, outlook};
use super::presented::Presented;
use super::rooms;
use super::token::{self, Admission, BrowserSecret};

/// A place in the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PlaceView {
    /// `waiting`, `admitted`, `bought`, `lapsed` (the admission ran out) or `left`.
    pub state: String,
    /// The room: `armed`, `open`, `paused`, `stopped` or `closed`.
    pub room: String,
    /// When the sale starts.
    pub opens_at: Timestamp,
    /// The place in the line, from 1; null before the draw.
    pub position: Option<i64>,
    /// How many people are ahead; null before the draw.
    pub ahead: Option<i64>,
    /// How many people wait.
    pub waiting: usize,
    /// How long it may take, from the rates at which people were let in lately; null while that cannot be said yet.
    pub estimate: Option<Estimate>,
    /// Whether those ahead may take all that is left, if they buy as people have bought so far.
    pub may_run_out: bool,
    /// Whether every place is sold. Waiting on makes sense only for what may come back.
    pub is_sold_out: bool,
    /// The admission, once it is there.
    pub admission: Option<AdmissionView>,
}

/// An admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AdmissionView {
    /// For `Turnout-Admission`.
    pub token: String,
    /// Until when places can be held with it.
    pub expires_at: Timestamp,
}

/// The view of a place, from the memory of the hall.
pub fn place_of(
    platform: &Platform,
    hall: &Hall,
    entry: WaitingEntryId,
    state: EntryState,
    browser_hash: &[u8; 32],
) -> PlaceView {
    let memory = hall.memory();
    let (room, line) = (&memory.room, &memory.line);
    let state = line.state(entry).unwrap_or(state);
    let (word, number) = match state {
        EntryState::Waiting { number } => ("waiting", number),
        EntryState::Admitted { .. } => ("admitted", None),
        EntryState::Bought => ("bought", None),
        EntryState::Lapsed => ("lapsed", None),
        EntryState::Left => ("left", None),
    };
    let outlook = outlook(room, number.and_then(|number| i64::try_from(line.ahead_of(number)).ok()));
    let admission = match state {
        EntryState::Admitted { expires_at } => {
            let admission = Admission { entry, epoch: room.epoch, expires_at };
            let token = admission.sign(&platform.vault, room.event, browser_hash);
            Some(AdmissionView { token, expires_at })
        }
        _ => None,
    };
    PlaceView {
        state: word.to_owned(),
        room: room.state.as_str().to_owned(),
        opens_at: room.settings.opens_at,
        position: outlook.ahead.map(|ahead| ahead + 1),
        ahead: outlook.ahead,
        waiting: line.waiting(),
        estimate: outlook.estimate,
        may_run_out: outlook.may_run_out,
        is_sold_out: room.is_sold_out(),
        admission,
    }
}

/// The proof of a place.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PlaceToken {
    /// The token that joining gave.
    pub token: String,
}

/// A place whose token was checked: the hall, whose place it is, the browser.
pub(super) struct Proven {
    pub hall: Arc<Hall>,
    pub entry: WaitingEntryId,
    pub browser: BrowserSecret,
}

/// Checks a token with the secret that came with it. Foreign, forged and missing ones answer the same.
pub(super) async fn prove(
    platform: &Platform,
    slug: &str,
    token: &str,
    presented: &Presented,
) -> Result<Proven, Failure<NotFound>> {
    let browser = presented.browser.clone().ok_or(NotFound)?;
    let hall = rooms::of(platform).hall_by_slug(platform, slug).await?;
    let entry = token::read_place(&platform.vault, hall.event, token, &browser).map_err(|_| NotFound)?;
    Ok(Proven { hall, entry, browser })
}

impl Proven {
    /// Where the entry is. Someone who has just joined is not in the memory yet; the signature says that the place is real.
    pub(super) async fn state(&self, platform: &Platform) -> Result<EntryState, Failure<NotFound>> {
        let known = self.hall.memory().line.state(self.entry);
        if let Some(state) = known {
            return Ok(state);
        }
        self.hall.refresh(platform).await?;
        let known = self.hall.memory().line.state(self.entry);
        Ok(known.ok_or(NotFound)?)
    }
}

/// The place of a token, for the browser it belongs to; asking counts as being there. The path of both the API and the pages.
pub async fn place_by_slug(
    platform: &Platform,
    slug: &str,
    token: &str,
    presented: &Presented,
) -> Result<PlaceView, Failure<NotFound>> {
    let proven = prove(platform, slug, token, presented).await?;
    proven.hall.see(proven.entry);
    let state = proven.state(platform).await?;
    Ok(place_of(platform, &proven.hall, proven.entry, state, &proven.browser.hash()))
}

/// Show a place in the waiting room
///
/// Asking counts as being there: whoever neither asks nor streams for a minute has left.
#[utoipa::path(get, path = "/api/v1/events/{slug}/waiting-room/place", tag = "Waiting room", params(("slug" = String, Path), PlaceToken),
    responses((status = 200, body = PlaceView)), extensions(("x-access" = json!("secret"))))]
pub(crate) async fn place_http(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    Query(query): Query<PlaceToken>,
    headers: HeaderMap,
) -> Result<Json<PlaceView>, Problem> {
    let presented = Presented::of(&headers, &app.platform);
    Ok(Json(place_by_slug(&app.platform, &slug, &query.token, &presented).await?))
}
