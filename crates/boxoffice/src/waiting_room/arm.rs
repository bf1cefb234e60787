//! Setting up a waiting room before a sale, and changing it.

use axum::extract::State;
use jiff::Timestamp;
use kernel::events::WaitingRoomArmed;
use kernel::{EventId, OrganisationId};
use platform::vault::sha256;
use platform::{Failure, FieldError, InvalidFields, NotFound, Refusal, RefusalKind, Tx};
use serde::Deserialize;
use web::rights::EditEvents;
use web::{AppState, Json, Member, Path, Problem};

use super::model::draw::hex;
use super::model::pace::{Limits, SHOPPERS_MAX, SHOPPERS_MAX_DEFAULT, SHOPPERS_MIN_DEFAULT};
use super::model::steer::RoomState;
use super::model::{
    ADMISSION_SECONDS_DEFAULT, ADMISSION_SECONDS_MAX, ADMISSION_SECONDS_MIN, ORDERS_A_PERSON_DEFAULT,
    ORDERS_A_PERSON_MAX, Room, Settings,
};
use super::rooms;
use super::show::{RoomView, view};
use super::store::{self, Seed, entries};

/// The purpose under which seeds are sealed until they are used.
pub(crate) const SEED: &str = "waiting-room-seed";

/// Set up the waiting room of an event.
#[derive(Debug, Clone, Copy)]
pub struct Arm {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Before the sale of which event.
    pub event: EventId,
    /// How it is to be.
    pub settings: Settings,
}

/// Why a room is not set up so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArmRefusal {
    /// No such event.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Fields break rules.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
    /// The line was drawn at the time that people were told.
    #[error("The line has been drawn, so the opening cannot be moved any more. Close the waiting room to begin anew.")]
    Drawn,
    /// People are waiting under other rules.
    #[error("People are waiting already, so who may join cannot be changed any more.")]
    RulesAreFixed,
}

impl Refusal for ArmRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::Invalid(_) => "invalid_fields",
            Self::Drawn => "line_is_drawn",
            Self::RulesAreFixed => "rules_are_fixed",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(_) => RefusalKind::NotFound,
            Self::Invalid(_) => RefusalKind::Invalid,
            Self::Drawn | Self::RulesAreFixed => RefusalKind::Conflict,
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(invalid) => invalid.fields(),
            _ => Vec::new(),
        }
    }
}

/// Sets a room up, changes one that runs, or begins anew with one that was closed. A new room commits to its draw at once.
pub async fn arm(tx: &mut Tx, command: Arm) -> Result<Room, Failure<ArmRefusal>> {
    let Arm { organisation, event, settings } = command;
    check(&settings).map_err(ArmRefusal::Invalid)?;
    let facts = catalog::api::get_facts(tx, organisation, event).await?;
    facts.ok_or(NotFound).map_err(ArmRefusal::NotFound)?;
    match store::lock(tx, organisation, event).await? {
        Some(room) if room.state != RoomState::Closed => change(tx, room, settings).await?,
        _ => begin(tx, command).await?,
    }
    Ok(store::find(tx, organisation, event).await?.ok_or(NotFound).map_err(ArmRefusal::NotFound)?)
}

async fn begin(tx: &mut Tx, command: Arm) -> Result<(), Failure<ArmRefusal>> {
    let Arm { organisation, event, settings } = command;
    entries::forget(tx, organisation, event).await?;
    store::forget_windows(tx, organisation, event).await?;
    let seed: [u8; 32] = tx.random().bytes();
    let hash = sha256(&seed);
    let sealed = tx.vault().seal(SEED, event.uuid().as_bytes(), &seed);
    store::arm(tx, organisation, event, settings, Seed { sealed, hash }).await?;
    tx.record(Some(organisation), &WaitingRoomArmed { event, seed_hash: hex(&hash) }).await?;
    Ok(())
}

async fn change(tx: &mut Tx, room: Room, settings: Settings) -> Result<(), Failure<ArmRefusal>> {
    if room.is_drawn() && settings.opens_at != room.settings.opens_at {
        return Err(ArmRefusal::Drawn.into());
    }
    let is_stricter = settings.requires_account != room.settings.requires_account;
    if is_stricter && entries::crowd(tx, &room).await?.waiting > 0 {
        return Err(ArmRefusal::RulesAreFixed.into());
    }
    let changed = Room { settings, version: room.version + 1, revision: room.revision + 1, ..room };
    Ok(store::save(tx, &changed, None).await?)
}

fn check(settings: &Settings) -> Result<(), InvalidFields> {
    let Limits { shoppers_min, shoppers_max } = settings.limits;
    let rules = [
        (
            (ADMISSION_SECONDS_MIN..=ADMISSION_SECONDS_MAX).contains(&settings.admission_seconds),
            "admission_seconds",
            "An admission lasts from one minute to one hour.",
        ),
        (
            (1..=ORDERS_A_PERSON_MAX).contains(&settings.orders_per_person),
            "orders_per_person",
            "A person can make 1 to 100 orders.",
        ),
        ((1..=shoppers_max).contains(&shoppers_min), "shoppers_min", "At least 1, and not more than the ceiling."),
        ((1..=SHOPPERS_MAX).contains(&shoppers_max), "shoppers_max", "From 1 to 100,000 people at once."),
    ];
    let broken: Vec<FieldError> = rules
        .into_iter()
        .filter(|(holds, ..)| !holds)
        .map(|(_, field, message)| FieldError::new(field, "out_of_range", message))
        .collect();
    if broken.is_empty() { Ok(()) } else { Err(InvalidFields(broken)) }
}

/// How a waiting room is to be.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomSettings {
    /// When the sale starts: whoever is there by then takes part in the draw.
    opens_at: Timestamp,
    /// Whether only people who are signed in may join: one place an account.
    #[serde(default)]
    requires_account: bool,
    /// How many orders one admission can make.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    orders_per_person: Option<i32>,
    /// How long an admission lasts.
    #[serde(default)]
    #[schema(minimum = 60, maximum = 3600)]
    admission_seconds: Option<i32>,
    /// The fewest who may shop at the same time: the floor that the pace is measured from.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    shoppers_min: Option<i32>,
    /// The most who may shop at the same time.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    shoppers_max: Option<i32>,
}

impl From<RoomSettings> for Settings {
    fn from(body: RoomSettings) -> Self {
        Self {
            opens_at: body.opens_at,
            requires_account: body.requires_account,
            orders_per_person: body.orders_per_person.unwrap_or(ORDERS_A_PERSON_DEFAULT),
            admission_seconds: body.admission_seconds.unwrap_or(ADMISSION_SECONDS_DEFAULT),
            limits: Limits {
                shoppers_min: body.shoppers_min.unwrap_or(SHOPPERS_MIN_DEFAULT),
                shoppers_max: body.shoppers_max.unwrap_or(SHOPPERS_MAX_DEFAULT),
            },
        }
    }
}

/// Set up the waiting room of an event
///
/// From now on nobody buys without an admission. The same request changes a room that runs; a room that was closed begins anew. The answer
/// carries the SHA-256 of the seed that the line will be drawn with.
#[utoipa::path(put, path = "/api/v1/organisations/{organisation}/events/{event}/waiting-room", tag = "Waiting room", request_body = RoomSettings,
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path)),
    responses((status = 200, body = RoomView)), extensions(("x-access" = json!("edit_events"))))]
pub(crate) async fn arm_http(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    path: Path<(OrganisationId, EventId)>,
    Json(body): Json<RoomSettings>,
) -> Result<Json<RoomView>, Problem> {
    let Path((_, event)) = path;
    let command = Arm { organisation: member.organisation, event, settings: body.into() };
    app.platform.db.write(member.scope(), "arm_waiting_room", command, arm).await?;
    rooms::of(&app.platform).forget();
    Ok(Json(view(&app.platform, member.organisation, event).await?))
}
