//! The gate: whether someone may hold and order places of an event, and what that uses up of their admission.

use catalog::api::EventFacts;
use jiff::Timestamp;
use kernel::{HoldId, OrganisationId};
use platform::{Failure, Fault, Never, Platform, Refusal, RefusalKind, Scope, Tx};
use serde_json::json;

use super::model::steer::RoomState;
use super::presented::Presented;
use super::rooms;
use super::store::ActiveRoom;
use super::store::entries::{self, Key};
use super::token::Admission;

/// Why someone may not buy now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionRefusal {
    /// Nobody was let in with what was presented.
    #[error("This sale has a waiting room. {}", .reason.words())]
    WaitingRoom {
        /// The event's name in addresses.
        slug: String,
        /// What is wrong with what was presented.
        reason: Reason,
    },
    /// The admission was used for all it is good for.
    #[error("You have used your turn in this sale.")]
    Spent,
}

/// What is wrong with what was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There was nothing.
    Missing,
    /// It was not given by us to this browser for this event.
    Foreign,
    /// It ran out, or was made void by an emergency stop.
    Expired,
    /// The sale is stopped.
    Stopped,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Foreign => "foreign",
            Self::Expired => "expired",
            Self::Stopped => "stopped",
        }
    }
    fn words(self) -> &'static str {
        match self {
            Self::Missing => "Join it, and you will be let in when it is your turn.",
            Self::Foreign => "Your turn cannot be passed on: join with the browser you want to buy with.",
            Self::Expired => "Your turn is over; you can join again.",
            Self::Stopped => {
                "The organiser has stopped the sale for now. Whoever had their turn will be first when it goes on."
            }
        }
    }
}

impl Refusal for AdmissionRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::WaitingRoom { .. } => "waiting_room",
            Self::Spent => "admission_spent",
        }
    }
    fn kind(&self) -> RefusalKind {
        RefusalKind::Conflict
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::WaitingRoom { slug, reason } => Some(json!({
                "reason": reason.as_str(),
                "join": format!("/api/v1/events/{slug}/waiting-room/place"),
                "page": format!("/e/{slug}/queue"),
            })),
            Self::Spent => None,
        }
    }
}

/// Someone who was let in.
#[derive(Debug, Clone, Copy)]
pub struct Admitted(Key);

/// Whether someone may hold and order places of an event: `None` when there is no waiting room in the way. Looks at the signature and at
/// the node's list of rooms, and asks the database for nothing but that list, once a second and node.
pub async fn check_admission(
    platform: &Platform,
    facts: &EventFacts,
    presented: &Presented,
    now: Timestamp,
) -> Result<Option<Admitted>, Failure<AdmissionRefusal>> {
    let Some(room) = rooms::of(platform).find(platform, facts.id).await? else { return Ok(None) };
    match judge(platform, &room, presented, now) {
        Ok(admission) => {
            Ok(Some(Admitted(Key { organisation: room.organisation, event: room.event, entry: admission.entry })))
        }
        Err(reason) => Err(AdmissionRefusal::WaitingRoom { slug: facts.slug.to_string(), reason }.into()),
    }
}

fn judge(platform: &Platform, room: &ActiveRoom, presented: &Presented, now: Timestamp) -> Result<Admission, Reason> {
    if room.state == RoomState::Stopped {
        return Err(Reason::Stopped);
    }
    let browser = presented.browser.as_ref().ok_or(Reason::Missing)?;
    if presented.admissions.is_empty() {
        return Err(Reason::Missing);
    }
    let read = |token: &String| Admission::read(&platform.vault, room.event, token, browser).ok();
    let admissions: Vec<Admission> = presented.admissions.iter().filter_map(read).collect();
    let latest = admissions.into_iter().max_by_key(|admission| admission.expires_at).ok_or(Reason::Foreign)?;
    if now < latest.expires_at && latest.epoch == room.epoch { Ok(latest) } else { Err(Reason::Expired) }
}

impl Admitted {
    fn scope(&self) -> Scope {
        Scope::Tenant(self.0.organisation)
    }

    /// Uses one hold of the admission up, before it is taken: parallel requests cannot take more than there are.
    pub async fn spend_hold(&self, platform: &Platform) -> Result<(), Failure<AdmissionRefusal>> {
        platform.db.write(self.scope(), "spend_waiting_hold", self.0, spend_hold).await
    }

    /// Says what became of a hold that was spent: it is noted, or given back when there was none to be had.
    pub async fn held(&self, platform: &Platform, hold: Option<HoldId>) -> Result<(), Fault> {
        let noted = match hold {
            Some(hold) => platform.db.write(self.scope(), "note_waiting_hold", (self.0, hold), link_hold).await,
            None => platform.db.write(self.scope(), "return_waiting_hold", self.0, return_hold).await,
        };
        noted.map_err(Failure::into_fault)
    }

    /// Uses one order of the admission up, before it is placed in one call.
    pub async fn spend_order(&self, platform: &Platform) -> Result<(), Failure<AdmissionRefusal>> {
        platform.db.write(self.scope(), "spend_waiting_order", self.0, spend_order).await
    }

    /// Gives an order back that was refused.
    pub async fn return_order(&self, platform: &Platform) -> Result<(), Fault> {
        let returned = platform.db.write(self.scope(), "return_waiting_order", self.0, return_order).await;
        returned.map_err(Failure::into_fault)
    }
}

/// Uses one order of the admission up that a hold was taken with; nothing when it was taken without. Asking again for the same hold uses up
/// nothing more, so that a retry finds its order. Answers whether something was used up now.
pub async fn spend_order_of_hold(
    platform: &Platform,
    organisation: OrganisationId,
    hold: HoldId,
) -> Result<bool, Failure<AdmissionRefusal>> {
    let rooms = rooms::of(platform).active(platform).await?;
    if !rooms.values().any(|room| room.organisation == organisation) {
        return Ok(false);
    }
    let command = (organisation, hold);
    platform.db.write(Scope::Tenant(organisation), "spend_waiting_order", command, spend_order_by_hold).await
}

/// Gives the order of a hold back that was refused.
pub async fn return_order_of_hold(
    platform: &Platform,
    organisation: OrganisationId,
    hold: HoldId,
) -> Result<(), Fault> {
    let command = (organisation, hold);
    let returned =
        platform.db.write(Scope::Tenant(organisation), "return_waiting_order", command, return_order_by_hold).await;
    returned.map_err(Failure::into_fault)
}

async fn spend_hold(tx: &mut Tx, key: Key) -> Result<(), Failure<AdmissionRefusal>> {
    if entries::spend_hold(tx, key).await? { Ok(()) } else { Err(AdmissionRefusal::Spent.into()) }
}

async fn link_hold(tx: &mut Tx, (key, hold): (Key, HoldId)) -> Result<(), Failure<Never>> {
    Ok(entries::link_hold(tx, key, hold).await?)
}

async fn return_hold(tx: &mut Tx, key: Key) -> Result<(), Failure<Never>> {
    Ok(entries::return_hold(tx, key).await?)
}

async fn spend_order(tx: &mut Tx, key: Key) -> Result<(), Failure<AdmissionRefusal>> {
    if entries::spend_order(tx, key).await? { Ok(()) } else { Err(AdmissionRefusal::Spent.into()) }
}

async fn return_order(tx: &mut Tx, key: Key) -> Result<(), Failure<Never>> {
    Ok(entries::return_order(tx, key).await?)
}

async fn spend_order_by_hold(
    tx: &mut Tx,
    (organisation, hold): (OrganisationId, HoldId),
) -> Result<bool, Failure<AdmissionRefusal>> {
    match entries::entry_of_hold(tx, organisation, hold).await? {
        None | Some((_, true)) => Ok(false),
        Some((key, false)) => {
            spend_order(tx, key).await?;
            entries::mark_hold_ordered(tx, organisation, hold, true).await?;
            Ok(true)
        }
    }
}

async fn return_order_by_hold(
    tx: &mut Tx,
    (organisation, hold): (OrganisationId, HoldId),
) -> Result<(), Failure<Never>> {
    if let Some((key, true)) = entries::entry_of_hold(tx, organisation, hold).await? {
        entries::return_order(tx, key).await?;
        entries::mark_hold_ordered(tx, organisation, hold, false).await?;
    }
    Ok(())
}
