//! All SQL of discovery. It runs behind `Scope::Public`, where row-level security hides drafts.

use jiff_sqlx::ToSqlx;
use kernel::{EventId, OrganisationId, Slug};
use platform::Fault;
use platform::db::Tx;

use super::discover::DiscoverFilter;
use crate::event::model::EventStatus;
use crate::event::row::EventRow;
use crate::event::store::{Held, select_events};

/// How many events one look-up by ids answers.
const EVENTS_BY_ID_MAX: i64 = 500;

/// What is read for the public never carries the link to join online.
fn public(row: EventRow) -> Result<Held, Fault> {
    let (mut event, organiser) = row.read()?;
    event.facts.online_url.clear();
    Ok((event, organiser))
}

/// Listed events that are not over, the earliest first.
pub(crate) async fn discover(tx: &mut Tx, filter: &DiscoverFilter) -> Result<Vec<Held>, Fault> {
    let now = tx.now().to_sqlx();
    let first = filter.from.map(|from| from.at(0, 0, 0, 0).to_sqlx());
    let after_last = filter.to.map(|to| to.tomorrow().unwrap_or(to).at(0, 0, 0, 0).to_sqlx());
    let rows = select_events!(
        "where e.status = 'published'
           and e.ends_at > $1
           and ($2::text is null or e.search @@ websearch_to_tsquery('simple', $2))
           and ($3::text is null or lower(e.city) = lower($3))
           and ($4::text is null or e.category = $4)
           and ($5::timestamp is null or e.ends_local > $5)
           and ($6::timestamp is null or e.starts_local < $6)
           and ($7::timestamptz is null or (e.starts_at, e.id) > ($7, $8::uuid))
         order by e.starts_at, e.id
         limit $9",
        now as _,
        filter.q,
        filter.city,
        filter.category.map(crate::event::model::Category::as_str),
        first as _,
        after_last as _,
        filter.after.map(|after| after.starts_at.to_sqlx()) as _,
        filter.after.map(|after| after.id.uuid()),
        filter.rows(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(public).collect()
}

/// The public event with a slug, however old.
pub(crate) async fn find_by_slug(tx: &mut Tx, slug: &Slug) -> Result<Option<Held>, Fault> {
    let row = select_events!("where e.slug = $1 and e.status <> 'draft' and e.published_at is not null", slug.as_str())
        .fetch_optional(tx.conn())
        .await?;
    row.map(public).transpose()
}

/// The public events among these, the earliest first.
pub(crate) async fn list_by_ids(tx: &mut Tx, events: &[EventId]) -> Result<Vec<Held>, Fault> {
    let ids: Vec<uuid::Uuid> = events.iter().map(|event| event.uuid()).collect();
    let rows = select_events!(
        "where e.id = any($1) and e.status <> 'draft' and e.published_at is not null
         order by e.starts_at, e.id
         limit $2",
        &ids,
        EVENTS_BY_ID_MAX,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(public).collect()
}

/// Listed events of an organisation that are not over, the earliest first.
pub(crate) async fn upcoming_of(tx: &mut Tx, organisation: OrganisationId, limit: i64) -> Result<Vec<Held>, Fault> {
    let now = tx.now().to_sqlx();
    let rows = select_events!(
        "where e.organisation_id = $1 and e.status = $2 and e.ends_at > $3
         order by e.starts_at, e.id
         limit $4",
        organisation.uuid(),
        EventStatus::Published.as_str(),
        now as _,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(public).collect()
}
