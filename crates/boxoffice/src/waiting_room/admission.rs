//! The gate: whether someone may hold and order places of an event, and what that uses up of their admission.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use kernel::{EventId, HoldId, OrganisationId, Slug};
use platform::{Failure, Never, Platform, Refusal, Scope, Tx};

use super::model::gate::{AdmissionRefusal, Reason};
use super::model::steer::RoomState;
use super::presented::Presented;
use super::rooms;
use super::store::ActiveRoom;
use super::store::admissions::{self, Key};
use super::token::Admission;
use crate::event::address;
use crate::hold::secret::HoldPlace;

/// Someone who was let in.
#[derive(Debug, Clone, Copy)]
pub struct Admitted(Key);

/// Whether someone may hold and order places of an event: `None` when there is no waiting room in the way. Looks at the signature and at
/// the node's list of rooms, and asks the database for nothing but that list, once a second and node.
pub async fn check_admission(
    platform: &Platform,
    (event, slug): (EventId, &Slug),
    presented: &Presented,
    now: Timestamp,
) -> Result<Option<Admitted>, Failure<AdmissionRefusal>> {
    let Some(room) = rooms::of(platform).find(platform, event).await? else { return Ok(None) };
    match judge(platform, &room, presented, now) {
        Ok(admission) => {
            Ok(Some(Admitted(Key { organisation: room.organisation, event: room.event, entry: admission.entry })))
        }
        Err(reason) => Err(AdmissionRefusal::WaitingRoom { slug: slug.to_string(), reason }.into()),
    }
}

/// What one request may do: everything where no event has a waiting room, else what its admission is for.
pub struct Pass {
    rooms: Arc<HashMap<EventId, ActiveRoom>>,
    admitted: Option<Admitted>,
}

impl Pass {
    /// Checks what a request presents at the event of a name.
    pub async fn check(
        platform: &Platform,
        slug: &str,
        presented: &Presented,
    ) -> Result<Self, Failure<AdmissionRefusal>> {
        let rooms = rooms::of(platform).active(platform).await?;
        let free = Self { rooms: Arc::clone(&rooms), admitted: None };
        if rooms.is_empty() {
            return Ok(free);
        }
        // A name that leads nowhere is refused by whoever looks for it.
        let Ok(slug) = Slug::parse(slug) else { return Ok(free) };
        let Some((_, event)) = address::find(platform, &slug).await? else { return Ok(free) };
        let admitted = check_admission(platform, (event, &slug), presented, platform.clock.now()).await?;
        Ok(Self { rooms, admitted })
    }

    /// Whether the pass is good for the event that the name has led to in the end: names can move from one event to another.
    pub fn covers(&self, event: EventId, slug: &Slug) -> Result<(), AdmissionRefusal> {
        let is_covered = self.admitted.is_some_and(|admitted| admitted.0.event == event);
        if is_covered || !self.rooms.contains_key(&event) {
            return Ok(());
        }
        Err(AdmissionRefusal::WaitingRoom { slug: slug.to_string(), reason: Reason::Missing })
    }

    /// The admission, where one was needed.
    pub fn admitted(&self) -> Option<Admitted> {
        self.admitted
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

    /// Says what became of a hold that was spent: it is noted, or given back when it was refused. A hold whose fate is unknown stays spent.
    pub async fn held<T, R: Refusal>(
        &self,
        platform: &Platform,
        taken: &Result<T, Failure<R>>,
        hold: impl Fn(&T) -> HoldId,
    ) {
        let db = &platform.db;
        let noted = match taken {
            Ok(taken) => db.write(self.scope(), "note_waiting_hold", (self.0, hold(taken)), link_hold).await,
            Err(Failure::Refused(_)) => db.write(self.scope(), "return_waiting_hold", self.0, return_hold).await,
            Err(Failure::Fault(_)) => Ok(()),
        };
        warn(noted, "a hold could not be counted for its admission");
    }

    /// Uses one order of the admission up, before it is placed in one call.
    pub async fn spend_order(&self, platform: &Platform) -> Result<(), Failure<AdmissionRefusal>> {
        platform.db.write(self.scope(), "spend_waiting_order", self.0, spend_order).await
    }

    /// Gives an order back when it was refused. One whose fate is unknown stays spent.
    pub async fn ordered<T, R: Refusal>(&self, platform: &Platform, bought: &Result<T, Failure<R>>) {
        if let Err(Failure::Refused(_)) = bought {
            let returned = platform.db.write(self.scope(), "return_waiting_order", self.0, return_order).await;
            warn(returned, "an order that was refused could not be given back to its admission");
        }
    }
}

fn warn(done: Result<(), Failure<Never>>, what: &'static str) {
    if let Err(failure) = done {
        tracing::warn!(%failure, "{what}");
    }
}

/// Uses one order of the admission up that a hold was taken with; nothing when it was taken without. Asking again for the same hold uses up
/// nothing more, so that a retry finds its order. Answers whether something was used up now.
pub async fn spend_order_of_hold(
    platform: &Platform,
    place: HoldPlace,
    hold: HoldId,
) -> Result<bool, Failure<AdmissionRefusal>> {
    match rooms::of(platform).find(platform, place.event).await? {
        None => return Ok(false),
        Some(room) if room.state == RoomState::Stopped => return Err(AdmissionRefusal::Stopped.into()),
        Some(_) => {}
    }
    let command = (place.organisation, hold);
    platform.db.write(Scope::Tenant(place.organisation), "spend_waiting_order", command, spend_order_by_hold).await
}

/// Gives the order of a hold back when it was refused after it was used up.
pub async fn ordered_of_hold<T, R: Refusal>(
    platform: &Platform,
    (place, hold): (HoldPlace, HoldId),
    is_spent: bool,
    placed: &Result<T, Failure<R>>,
) {
    if let (true, Err(Failure::Refused(_))) = (is_spent, placed) {
        let (scope, command) = (Scope::Tenant(place.organisation), (place.organisation, hold));
        let returned = platform.db.write(scope, "return_waiting_order", command, return_order_by_hold).await;
        warn(returned, "an order that was refused could not be given back to its admission");
    }
}

async fn spend_hold(tx: &mut Tx, key: Key) -> Result<(), Failure<AdmissionRefusal>> {
    if admissions::spend_hold(tx, key).await? { Ok(()) } else { Err(AdmissionRefusal::Spent.into()) }
}

async fn link_hold(tx: &mut Tx, (key, hold): (Key, HoldId)) -> Result<(), Failure<Never>> {
    Ok(admissions::link_hold(tx, key, hold).await?)
}

async fn return_hold(tx: &mut Tx, key: Key) -> Result<(), Failure<Never>> {
    Ok(admissions::return_hold(tx, key).await?)
}

async fn spend_order(tx: &mut Tx, key: Key) -> Result<(), Failure<AdmissionRefusal>> {
    if admissions::spend_order(tx, key).await? { Ok(()) } else { Err(AdmissionRefusal::Spent.into()) }
}

async fn return_order(tx: &mut Tx, key: Key) -> Result<(), Failure<Never>> {
    Ok(admissions::return_order(tx, key).await?)
}

async fn spend_order_by_hold(
    tx: &mut Tx,
    (organisation, hold): (OrganisationId, HoldId),
) -> Result<bool, Failure<AdmissionRefusal>> {
    match admissions::entry_of_hold(tx, organisation, hold).await? {
        None | Some((_, true)) => Ok(false),
        Some((key, false)) => {
            spend_order(tx, key).await?;
            admissions::mark_hold_ordered(tx, organisation, hold, true).await?;
            Ok(true)
        }
    }
}

async fn return_order_by_hold(
    tx: &mut Tx,
    (organisation, hold): (OrganisationId, HoldId),
) -> Result<(), Failure<Never>> {
    if let Some((key, true)) = admissions::entry_of_hold(tx, organisation, hold).await? {
        admissions::return_order(tx, key).await?;
        admissions::mark_hold_ordered(tx, organisation, hold, false).await?;
    }
    Ok(())
}
