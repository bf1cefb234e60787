//! All SQL of events.

use jiff_sqlx::ToSqlx;
use kernel::{EventId, OrganisationId, Slug};
use platform::db::Tx;
use platform::failure::broken_constraint;
use platform::{Failure, Fault, Refusal};
use uuid::Uuid;

use super::cursor::EventCursor;
use super::fields::EventFields;
use super::model::{Event, EventStatus};
use super::row::EventRow;
use crate::organiser::Organiser;

/// Selects whole events with their cover and their organiser; the argument says which, in what order and how many.
macro_rules! select_events {
    ($which:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            $crate::event::row::EventRow,
            "select e.organisation_id, e.id, e.slug, e.title, e.summary, e.description, e.category, e.status, e.hue, e.currency, e.attendance,
                    e.venue_name, e.address, e.city, e.country, e.online_url, e.zone, e.starts_local, e.ends_local, e.starts_at, e.ends_at,
                    e.version, e.created_at, e.updated_at, e.published_at, e.cancelled_at,
                    e.cover_id as \"cover_id?\", m.width as \"cover_width?\", m.height as \"cover_height?\", m.widths as \"cover_widths?\",
                    p.slug as \"organiser_slug?\", p.name as \"organiser_name?\", p.contact_email as \"organiser_contact_email?\"
             from catalog.event e
               left join catalog.media m on m.organisation_id = e.organisation_id and m.id = e.cover_id
               left join catalog.page p on p.organisation_id = e.organisation_id "
                + $which
            $(, $argument)*
        )
    };
}
pub(crate) use select_events;

/// An event and who holds it, if the organisation's page is there already.
pub(crate) type Held = (Event, Option<Organiser>);

fn one(row: Option<EventRow>) -> Result<Option<Event>, Fault> {
    Ok(row.map(EventRow::read).transpose()?.map(|(event, _)| event))
}

/// An event of an organisation.
pub(crate) async fn find(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Option<Event>, Fault> {
    let row = select_events!("where e.organisation_id = $1 and e.id = $2", organisation.uuid(), event.uuid())
        .fetch_optional(tx.conn())
        .await?;
    one(row)
}

/// An event of an organisation, locked until the transaction ends.
pub(crate) async fn find_for_update(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
) -> Result<Option<Event>, Fault> {
    let row =
        select_events!("where e.organisation_id = $1 and e.id = $2 for update of e", organisation.uuid(), event.uuid())
            .fetch_optional(tx.conn())
            .await?;
    one(row)
}

/// Events of an organisation, by id.
pub(crate) async fn list_by_ids(
    tx: &mut Tx,
    organisation: OrganisationId,
    events: &[EventId],
) -> Result<Vec<Event>, Fault> {
    let ids: Vec<Uuid> = events.iter().map(|id| id.uuid()).collect();
    let rows = select_events!(
        "where e.organisation_id = $1 and e.id = any($2) order by e.id limit $3",
        organisation.uuid(),
        &ids,
        i64::try_from(ids.len()).unwrap_or(i64::MAX)
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| row.read().map(|(event, _)| event)).collect()
}

/// Events of an organisation that cannot be changed until the transaction ends, by id.
pub(crate) async fn list_for_share(
    tx: &mut Tx,
    organisation: OrganisationId,
    events: &[EventId],
) -> Result<Vec<Event>, Fault> {
    let ids: Vec<Uuid> = events.iter().map(|id| id.uuid()).collect();
    let rows = select_events!(
        "where e.organisation_id = $1 and e.id = any($2) order by e.id limit $3 for share of e",
        organisation.uuid(),
        &ids,
        i64::try_from(ids.len()).unwrap_or(i64::MAX)
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| row.read().map(|(event, _)| event)).collect()
}

/// Which of an organisation's events a list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListFilter {
    pub status: Option<EventStatus>,
    pub q: Option<String>,
    pub after: Option<EventCursor>,
    pub rows: i64,
}

/// Events of an organisation, the latest start first.
pub(crate) async fn list(tx: &mut Tx, organisation: OrganisationId, filter: &ListFilter) -> Result<Vec<Event>, Fault> {
    let rows = select_events!(
        "where e.organisation_id = $1
           and ($2::text is null or e.status = $2)
           and ($3::text is null or position(lower($3) in lower(e.title)) > 0 or e.search @@ websearch_to_tsquery('simple', $3))
           and ($4::timestamptz is null or (e.starts_at, e.id) < ($4, $5::uuid))
         order by e.starts_at desc, e.id desc
         limit $6",
        organisation.uuid(),
        filter.status.map(EventStatus::as_str),
        filter.q,
        filter.after.map(|after| after.starts_at.to_sqlx()) as _,
        filter.after.map(|after| after.id.uuid()),
        filter.rows,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| row.read().map(|(event, _)| event)).collect()
}

/// A new draft.
#[derive(Debug, Clone)]
pub(crate) struct NewRow<'a> {
    pub organisation: OrganisationId,
    pub event: EventId,
    pub slug: &'a Slug,
    pub currency: kernel::Currency,
    pub fields: &'a EventFields,
}

/// Inserts a draft. False when another event has the slug.
pub(crate) async fn insert(tx: &mut Tx, new: NewRow<'_>) -> Result<bool, Fault> {
    let (fields, now) = (new.fields, tx.now().to_sqlx());
    let done = sqlx::query!(
        "insert into catalog.event
           (organisation_id, id, slug, title, summary, description, category, hue, currency, attendance, venue_name, address, city, country,
            online_url, zone, starts_local, ends_local, starts_at, ends_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $21)
         on conflict on constraint event_slug_is_unique do nothing",
        new.organisation.uuid(),
        new.event.uuid(),
        new.slug.as_str(),
        fields.title,
        fields.summary,
        fields.description,
        fields.category.as_str(),
        fields.hue,
        new.currency.code(),
        fields.attendance.as_str(),
        fields.venue_name,
        fields.address,
        fields.city,
        fields.country,
        fields.online_url,
        fields.time.zone.as_str(),
        fields.time.starts_local.to_sqlx() as _,
        fields.time.ends_local.to_sqlx() as _,
        fields.time.starts_at.to_sqlx() as _,
        fields.time.ends_at.to_sqlx() as _,
        now as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The new facts of an event.
#[derive(Debug, Clone)]
pub(crate) struct ChangedRow<'a> {
    pub organisation: OrganisationId,
    pub event: EventId,
    pub slug: &'a Slug,
    pub cover: Option<Uuid>,
    pub fields: &'a EventFields,
}

/// Why new facts could not be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotStored {
    SlugTaken,
    NoSuchCover,
}

/// Stores new facts and raises the version.
pub(crate) async fn update<R: Refusal>(
    tx: &mut Tx,
    changed: ChangedRow<'_>,
    refuse: fn(NotStored) -> R,
) -> Result<(), Failure<R>> {
    let (fields, now) = (changed.fields, tx.now().to_sqlx());
    let outcome = sqlx::query!(
        "update catalog.event
         set slug = $3, title = $4, summary = $5, description = $6, category = $7, hue = $8, attendance = $9, venue_name = $10, address = $11,
             city = $12, country = $13, online_url = $14, zone = $15, starts_local = $16, ends_local = $17, starts_at = $18, ends_at = $19,
             cover_id = $20, updated_at = $21, version = version + 1
         where organisation_id = $1 and id = $2",
        changed.organisation.uuid(),
        changed.event.uuid(),
        changed.slug.as_str(),
        fields.title,
        fields.summary,
        fields.description,
        fields.category.as_str(),
        fields.hue,
        fields.attendance.as_str(),
        fields.venue_name,
        fields.address,
        fields.city,
        fields.country,
        fields.online_url,
        fields.time.zone.as_str(),
        fields.time.starts_local.to_sqlx() as _,
        fields.time.ends_local.to_sqlx() as _,
        fields.time.starts_at.to_sqlx() as _,
        fields.time.ends_at.to_sqlx() as _,
        changed.cover,
        now as _,
    )
    .execute(tx.conn())
    .await;
    let Err(error) = outcome else { return Ok(()) };
    match broken_constraint(&error) {
        Some("event_slug_is_unique") => Err(refuse(NotStored::SlugTaken).into()),
        Some("event_cover") => Err(refuse(NotStored::NoSuchCover).into()),
        _ => Err(error.into()),
    }
}

/// Stores a state and raises the version.
pub(crate) async fn update_state(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
    state: super::model::EventState,
) -> Result<(), Fault> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update catalog.event
         set status = $3, published_at = $4, cancelled_at = $5, updated_at = $6, version = version + 1
         where organisation_id = $1 and id = $2",
        organisation.uuid(),
        event.uuid(),
        state.status().as_str(),
        state.published_at().map(ToSqlx::to_sqlx) as _,
        state.cancelled_at().map(ToSqlx::to_sqlx) as _,
        now as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What an organisation usually sells in, once its page is there.
pub(crate) async fn usual_currency(tx: &mut Tx, organisation: OrganisationId) -> Result<Option<String>, Fault> {
    let row = sqlx::query!("select currency from catalog.page where organisation_id = $1", organisation.uuid())
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| row.currency))
}
