//! SQL of the line. Everything that writes here is called under the lock of the room's row, but for what spends one admission.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{AccountId, EventId, OrganisationId, WaitingEntryId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::bytes32;
use crate::waiting_room::model::pace::BROWSE_SECONDS;
use crate::waiting_room::model::{Entry, EntryState, Room};

/// The most people one room can hold.
pub const ENTRIES_A_ROOM_MAX: i64 = 1_000_000;

/// Someone new in the line.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry {
    /// Which one.
    pub id: WaitingEntryId,
    /// SHA-256 of the browser's secret.
    pub browser_hash: [u8; 32],
    /// Who, when they are signed in.
    pub account: Option<AccountId>,
    /// The place, after the draw.
    pub number: Option<i64>,
}

/// Someone who is in the line or was let in.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The entry.
    pub entry: Entry,
    /// Who, when they are signed in.
    pub account: Option<AccountId>,
}

fn state_of(word: &str, number: Option<i64>, expires_at: Option<Timestamp>) -> Result<EntryState, Fault> {
    match (word, expires_at) {
        ("waiting", _) => Ok(EntryState::Waiting { number }),
        ("admitted", Some(expires_at)) => Ok(EntryState::Admitted { expires_at }),
        ("bought", _) => Ok(EntryState::Bought),
        ("lapsed", _) => Ok(EntryState::Lapsed),
        ("left", _) => Ok(EntryState::Left),
        (other, _) => Err(Fault::corrupt(format!("waiting entry state {other}"))),
    }
}

/// The living entries of these browsers and accounts, and those that have bought.
pub async fn known(
    tx: &mut Tx,
    room: &Room,
    browsers: &[[u8; 32]],
    accounts: &[AccountId],
) -> Result<Vec<Known>, Fault> {
    let browsers: Vec<Vec<u8>> = browsers.iter().map(|hash| hash.to_vec()).collect();
    let accounts: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
    let rows = sqlx::query!(
        "select id, browser_hash, account_id, state, number, expires_at
         from boxoffice.waiting_entry
         where organisation_id = $1 and event_id = $2 and state in ('waiting', 'admitted', 'bought')
           and (browser_hash = any($3) or account_id = any($4))
         limit $5",
        room.organisation.uuid(),
        room.event.uuid(),
        &browsers,
        &accounts,
        ENTRIES_A_ROOM_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let state = state_of(&row.state, row.number, row.expires_at.map(|at| at.to_jiff()))?;
            let entry = Entry { id: WaitingEntryId::from(row.id), state, browser_hash: bytes32(&row.browser_hash)? };
            Ok(Known { entry, account: row.account_id.map(AccountId::from) })
        })
        .collect()
}

/// Puts people in the line.
pub async fn insert(tx: &mut Tx, room: &Room, entries: &[NewEntry]) -> Result<(), Fault> {
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.id.uuid()).collect();
    let browsers: Vec<Vec<u8>> = entries.iter().map(|entry| entry.browser_hash.to_vec()).collect();
    let accounts: Vec<Option<Uuid>> = entries.iter().map(|entry| entry.account.map(AccountId::uuid)).collect();
    let numbers: Vec<Option<i64>> = entries.iter().map(|entry| entry.number).collect();
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into boxoffice.waiting_entry
           (organisation_id, event_id, id, browser_hash, account_id, state, number, revision, joined_at, seen_at)
         select $1, $2, e.id, e.browser_hash, e.account_id, 'waiting', e.number, $3, $4, $4
         from unnest($5::uuid[], $6::bytea[], $7::uuid[], $8::bigint[]) as e (id, browser_hash, account_id, number)",
        room.organisation.uuid(),
        room.event.uuid(),
        room.revision,
        now,
        &ids,
        &browsers,
        &accounts as _,
        &numbers as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that people are still there. Those who have left stay away.
pub async fn see(tx: &mut Tx, room: &Room, entries: &[WaitingEntryId]) -> Result<u64, Fault> {
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.uuid()).collect();
    let now = tx.now().to_sqlx();
    let seen = sqlx::query!(
        "update boxoffice.waiting_entry e
         set seen_at = $3
         from unnest($4::uuid[]) as s (id)
         where e.organisation_id = $1 and e.event_id = $2 and e.id = s.id and e.state = 'waiting' and e.seen_at < $3",
        room.organisation.uuid(),
        room.event.uuid(),
        now,
        &ids
    )
    .execute(tx.conn())
    .await?;
    Ok(seen.rows_affected())
}

/// Those who wait for the draw.
pub async fn undrawn(tx: &mut Tx, room: &Room) -> Result<Vec<WaitingEntryId>, Fault> {
    let rows = sqlx::query!(
        "select id
         from boxoffice.waiting_entry
         where organisation_id = $1 and event_id = $2 and state = 'waiting' and number is null
         order by id
         limit $3",
        room.organisation.uuid(),
        room.event.uuid(),
        ENTRIES_A_ROOM_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| WaitingEntryId::from(row.id)).collect())
}

/// Gives the drawn their numbers, from 1 in the order given.
pub async fn number(tx: &mut Tx, room: &Room, drawn: &[WaitingEntryId]) -> Result<(), Fault> {
    let ids: Vec<Uuid> = drawn.iter().map(|entry| entry.uuid()).collect();
    sqlx::query!(
        "update boxoffice.waiting_entry e
         set number = d.number, revision = $3
         from unnest($4::uuid[]) with ordinality as d (id, number)
         where e.organisation_id = $1 and e.event_id = $2 and e.id = d.id",
        room.organisation.uuid(),
        room.event.uuid(),
        room.revision,
        &ids
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the wait of those who were not seen since `limit`; answers how many.
pub async fn leave_absent(tx: &mut Tx, room: &Room, limit: Timestamp) -> Result<u64, Fault> {
    let now = tx.now().to_sqlx();
    let left = sqlx::query!(
        "update boxoffice.waiting_entry
         set state = 'left', ended_at = $4, revision = $5
         where organisation_id = $1 and event_id = $2 and state = 'waiting' and seen_at <= $3",
        room.organisation.uuid(),
        room.event.uuid(),
        limit.to_sqlx(),
        now,
        room.revision
    )
    .execute(tx.conn())
    .await?;
    Ok(left.rows_affected())
}

/// Ends one wait; answers whether it was one.
pub async fn leave(tx: &mut Tx, room: &Room, entry: WaitingEntryId) -> Result<bool, Fault> {
    let now = tx.now().to_sqlx();
    let left = sqlx::query!(
        "update boxoffice.waiting_entry
         set state = 'left', ended_at = $4, revision = $5
         where organisation_id = $1 and event_id = $2 and id = $3 and state = 'waiting'",
        room.organisation.uuid(),
        room.event.uuid(),
        entry.uuid(),
        now,
        room.revision
    )
    .execute(tx.conn())
    .await?;
    Ok(left.rows_affected() == 1)
}

/// Ends the admissions whose time ran out; answers how many of them had bought nothing.
pub async fn lapse(tx: &mut Tx, room: &Room) -> Result<u64, Fault> {
    let now = tx.now().to_sqlx();
    let rows = sqlx::query!(
        "update boxoffice.waiting_entry
         set state = case when orders > 0 then 'bought' else 'lapsed' end, is_holding = false, ended_at = $3, revision = $4
         where organisation_id = $1 and event_id = $2 and state = 'admitted' and expires_at <= $3
         returning orders",
        room.organisation.uuid(),
        room.event.uuid(),
        now,
        room.revision
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.iter().map(|row| u64::from(row.orders == 0)).sum())
}

/// Counts first orders that no tick has counted: how many, and the seconds from admission to order, summed.
pub async fn count_bought(tx: &mut Tx, room: &Room) -> Result<(i64, i64), Fault> {
    let row = sqlx::query!(
        "with counted as (
           update boxoffice.waiting_entry
           set is_counted = true, revision = $3
           where organisation_id = $1 and event_id = $2 and orders > 0 and not is_counted
           returning greatest(0, extract(epoch from ordered_at - admitted_at))::bigint as stay)
         select count(*) as \"bought!\", coalesce(sum(stay), 0)::bigint as \"stay!\"
         from counted",
        room.organisation.uuid(),
        room.event.uuid(),
        room.revision
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.bought, row.stay))
}

/// Lets in the first of the line; answers how many there were.
pub async fn admit(tx: &mut Tx, room: &Room, count: i64) -> Result<u64, Fault> {
    let now = tx.now();
    let admitted = sqlx::query!(
        "update boxoffice.waiting_entry
         set state = 'admitted', admitted_at = $3, expires_at = $4, revision = $5
         where organisation_id = $1 and event_id = $2 and id in (
           select id
           from boxoffice.waiting_entry
           where organisation_id = $1 and event_id = $2 and state = 'waiting' and number is not null
           order by number
           limit $6)",
        room.organisation.uuid(),
        room.event.uuid(),
        now.to_sqlx(),
        room.admission_ends_at(now).to_sqlx(),
        room.revision,
        count
    )
    .execute(tx.conn())
    .await?;
    Ok(admitted.rows_affected())
}

/// Puts everyone who is in and has bought nothing back to their place in the line; answers how many.
pub async fn put_back(tx: &mut Tx, room: &Room) -> Result<u64, Fault> {
    let now = tx.now().to_sqlx();
    let back = sqlx::query!(
        "update boxoffice.waiting_entry
         set state = 'waiting', admitted_at = null, expires_at = null, is_holding = false, holds = 0, seen_at = $3, revision = $4
         where organisation_id = $1 and event_id = $2 and state = 'admitted' and orders = 0",
        room.organisation.uuid(),
        room.event.uuid(),
        now,
        room.revision
    )
    .execute(tx.conn())
    .await?;
    Ok(back.rows_affected())
}

/// How many people are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Crowd {
    /// In the line.
    pub waiting: i64,
    /// Let in lately, and hold nothing yet.
    pub browsing: i64,
    /// Let in, and hold something.
    pub holding: i64,
    /// Let in, and not at an end yet.
    pub admitted: i64,
}

/// Counts the crowd.
pub async fn crowd(tx: &mut Tx, room: &Room) -> Result<Crowd, Fault> {
    let now = tx.now();
    let lately = Timestamp::from_second(now.as_second() - BROWSE_SECONDS).map_err(Fault::corrupt)?;
    let row = sqlx::query!(
        "select count(*) as \"admitted!\", count(*) filter (where is_holding) as \"holding!\",
                count(*) filter (where not is_holding and orders = 0 and admitted_at > $3) as \"browsing!\",
                (select count(*) from boxoffice.waiting_entry w
                 where w.organisation_id = $1 and w.event_id = $2 and w.state = 'waiting') as \"waiting!\"
         from boxoffice.waiting_entry
         where organisation_id = $1 and event_id = $2 and state = 'admitted'",
        room.organisation.uuid(),
        room.event.uuid(),
        lately.to_sqlx()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Crowd { waiting: row.waiting, browsing: row.browsing, holding: row.holding, admitted: row.admitted })
}

/// What changed after a revision, and at most so many; the second part is the last revision that is whole.
pub async fn changes(
    tx: &mut Tx,
    room: &Room,
    revision: i64,
) -> Result<(Vec<(WaitingEntryId, EntryState)>, i64), Fault> {
    let rows = sqlx::query!(
        "select id, state, number, expires_at, revision
         from boxoffice.waiting_entry
         where organisation_id = $1 and event_id = $2 and revision > $3 and revision <= $4
         order by revision, id
         limit $5",
        room.organisation.uuid(),
        room.event.uuid(),
        revision,
        room.revision,
        ENTRIES_A_ROOM_MAX
    )
    .fetch_all(tx.conn())
    .await?;
    let changes = rows
        .into_iter()
        .map(|row| {
            let state = state_of(&row.state, row.number, row.expires_at.map(|at| at.to_jiff()))?;
            Ok((WaitingEntryId::from(row.id), state))
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    Ok((changes, room.revision))
}

/// Everyone who was drawn, in the order of the draw, from a number on.
pub async fn drawn(tx: &mut Tx, room: &Room, after: i64, limit: i64) -> Result<Vec<(i64, WaitingEntryId)>, Fault> {
    let last = room.drawn.map_or(0, |drawn| i64::from(drawn.count));
    let rows = sqlx::query!(
        "select number as \"number!\", id
         from boxoffice.waiting_entry
         where organisation_id = $1 and event_id = $2 and number > $3 and number <= $4
         order by number
         limit $5",
        room.organisation.uuid(),
        room.event.uuid(),
        after,
        last,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.number, WaitingEntryId::from(row.id))).collect())
}

/// Forgets everyone in a room that is armed anew.
pub async fn forget(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<(), Fault> {
    sqlx::query!(
        "delete from boxoffice.waiting_entry where organisation_id = $1 and event_id = $2",
        organisation.uuid(),
        event.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
