//! SQL of check-in lists.

use std::collections::BTreeMap;

use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use kernel::{EventId, ListId, OrganisationId, TicketTypeId};
use platform::{Fault, Tx};
use uuid::Uuid;

use super::model::CheckInList;
use crate::label::Label;

struct Row {
    organisation_id: Uuid,
    id: Uuid,
    event_id: Uuid,
    name: String,
    ticket_type_ids: Vec<Uuid>,
    version: i64,
    created_at: SqlTimestamp,
    admitted: i64,
}

impl From<Row> for CheckInList {
    fn from(row: Row) -> Self {
        Self {
            organisation: OrganisationId::from(row.organisation_id),
            id: ListId::from(row.id),
            event: EventId::from(row.event_id),
            name: row.name,
            ticket_types: row.ticket_type_ids.into_iter().map(TicketTypeId::from).collect(),
            version: row.version,
            created_at: row.created_at.to_jiff(),
            admitted: row.admitted,
        }
    }
}

/// A list of an organisation.
pub async fn find(tx: &mut Tx, organisation: OrganisationId, id: ListId) -> Result<Option<CheckInList>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select l.organisation_id, l.id, l.event_id, l.name, l.ticket_type_ids, l.version, l.created_at,
                (select count(*) from admission.admitted a where a.organisation_id = l.organisation_id and a.list_id = l.id) as \"admitted!\"
         from admission.list l
         where l.organisation_id = $1 and l.id = $2",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(CheckInList::from))
}

/// A list for a scan, which needs no counts.
pub async fn find_for_scan(
    tx: &mut Tx,
    organisation: OrganisationId,
    id: ListId,
) -> Result<Option<CheckInList>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select organisation_id, id, event_id, name, ticket_type_ids, version, created_at, 0::bigint as \"admitted!\"
         from admission.list
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(CheckInList::from))
}

/// Some lists as a scan needs them.
pub async fn find_all_for_scan(
    tx: &mut Tx,
    organisation: OrganisationId,
    ids: &[ListId],
) -> Result<BTreeMap<ListId, CheckInList>, Fault> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        "select organisation_id, id, event_id, name, ticket_type_ids, version, created_at, 0::bigint as \"admitted!\"
         from admission.list
         where organisation_id = $1 and id = any($2)",
        organisation.uuid(),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(CheckInList::from).map(|list| (list.id, list)).collect())
}

/// The version of a list of an event, and nobody edits it until the transaction ends.
pub async fn lock_version(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    id: ListId,
) -> Result<Option<i64>, Fault> {
    let row = sqlx::query!(
        "select version
         from admission.list
         where organisation_id = $1 and event_id = $2 and id = $3
         for update",
        organisation.uuid(),
        event.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| row.version))
}

/// The lists of an event, the oldest first.
pub async fn page(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    behind: Option<ListId>,
    rows: i64,
) -> Result<Vec<CheckInList>, Fault> {
    let found = sqlx::query_as!(
        Row,
        "select l.organisation_id, l.id, l.event_id, l.name, l.ticket_type_ids, l.version, l.created_at,
                (select count(*) from admission.admitted a where a.organisation_id = l.organisation_id and a.list_id = l.id) as \"admitted!\"
         from admission.list l
         where l.organisation_id = $1 and l.event_id = $2 and ($3::uuid is null or l.id > $3)
         order by l.id
         limit $4",
        organisation.uuid(),
        event.uuid(),
        behind.map(|id| id.uuid()),
        rows
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().map(CheckInList::from).collect())
}

/// A list to be.
pub struct NewList<'a> {
    pub organisation: OrganisationId,
    pub event: EventId,
    pub id: ListId,
    pub name: &'a Label,
    pub ticket_types: &'a [TicketTypeId],
}

/// Adds a list; false when the event has one of that name.
pub async fn insert(tx: &mut Tx, list: NewList<'_>) -> Result<bool, Fault> {
    let types: Vec<Uuid> = list.ticket_types.iter().map(|id| id.uuid()).collect();
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "insert into admission.list (organisation_id, id, event_id, name, ticket_type_ids, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict on constraint list_name_is_unique do nothing",
        list.organisation.uuid(),
        list.id.uuid(),
        list.event.uuid(),
        list.name.as_str(),
        &types,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds the list of an event that has none. Two transactions at once add one: the name is unique.
pub async fn insert_first(tx: &mut Tx, organisation: OrganisationId, event: EventId, name: &str) -> Result<(), Fault> {
    let id: ListId = tx.new_id();
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into admission.list (organisation_id, id, event_id, name, created_at)
         select $1, $2, $3, $4, $5
         where not exists (select from admission.list where organisation_id = $1 and event_id = $3)
         on conflict on constraint list_name_is_unique do nothing",
        organisation.uuid(),
        id.uuid(),
        event.uuid(),
        name,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Changes a list and raises its version.
pub async fn update(
    tx: &mut Tx,
    organisation: OrganisationId,
    id: ListId,
    name: &Label,
    types: &[TicketTypeId],
) -> Result<(), sqlx::Error> {
    let types: Vec<Uuid> = types.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "update admission.list
         set name = $3, ticket_type_ids = $4, version = version + 1
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        id.uuid(),
        name.as_str(),
        &types
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
