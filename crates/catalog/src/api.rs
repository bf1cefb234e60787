//! What other contexts and the public pages may ask of the catalogue, in their own transactions.

use kernel::{EventId, LayoutId, OrganisationId};
use platform::db::Tx;
use platform::{Failure, Fault, Never};

use crate::event::store;
use crate::layout::store as layout_store;
use crate::{discovery, page};

pub use crate::discovery::discover::{DiscoverFilter, DiscoverQuery, PublicSummary};
pub use crate::discovery::public_event::PublicEvent;
pub use crate::discovery::view::{OrganiserView, PublicEventView, PublicSummaryView};
pub use crate::event::calendar_file::calendar_file;
pub use crate::event::create::{Create, NewEvent, create};
pub use crate::event::cursor::EventCursor;
pub use crate::event::lines::{date_eyebrow, dates_line, place_lines, times_line, when_line};
pub use crate::event::markdown::{summary as markdown_summary, to_html as markdown_html, to_text as markdown_text};
pub use crate::event::model::{Attendance, Category, Cover, Event, EventFacts, EventState, EventStatus, variant_path};
pub use crate::event::publish::{PublishRefusal, publish, unpublish};
pub use crate::event::readiness::{ReadinessItem, readiness};
pub use crate::event::view::{EventSummaryView, EventView, PictureView, VariantView};
pub use crate::layout::document::LayoutDocument;
pub use crate::layout::model::{
    Category as LayoutCategory, Layout, Point as LayoutPoint, Row as LayoutRow, Seat as LayoutSeat,
    Section as LayoutSection, Standing as LayoutStanding,
};
pub use crate::organiser::Organiser;
pub use crate::page::model::Page as OrganisationPage;

/// The most events of one organiser that its page shows.
pub const UPCOMING_EVENTS_MAX: i64 = 50;

/// The facts of a public event (published, unlisted or cancelled) by its slug. Behind `Scope::Public`, and like all that is read there
/// without the online link; for ticket holders read it with [`get_facts`] behind their organisation's scope.
pub async fn find_public_by_slug(tx: &mut Tx, slug: &str) -> Result<Option<EventFacts>, Fault> {
    let Ok(slug) = kernel::Slug::parse(slug) else { return Ok(None) };
    Ok(discovery::store::find_by_slug(tx, &slug).await?.map(|(event, _)| event.facts))
}

/// The facts of the public events among these, the earliest first, in one query. Behind `Scope::Public`.
pub async fn list_public_by_ids(tx: &mut Tx, events: &[EventId]) -> Result<Vec<EventFacts>, Fault> {
    let found = discovery::store::list_by_ids(tx, events).await?;
    Ok(found.into_iter().map(|(event, _)| event.facts).collect())
}

/// The facts of an organisation's event, whatever its state.
pub async fn get_facts(tx: &mut Tx, organisation: OrganisationId, event: EventId) -> Result<Option<EventFacts>, Fault> {
    Ok(store::find(tx, organisation, event).await?.map(|event| event.facts))
}

/// The same for several events; missing ones are left out.
pub async fn get_facts_of(
    tx: &mut Tx,
    organisation: OrganisationId,
    events: &[EventId],
) -> Result<Vec<EventFacts>, Fault> {
    let found = store::list_by_ids(tx, organisation, events).await?;
    Ok(found.into_iter().map(|event| event.facts).collect())
}

/// The facts of an event that nobody else reads under a lock until the transaction ends: whoever sells waits.
pub async fn lock_facts(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
) -> Result<Option<EventFacts>, Fault> {
    Ok(store::find_for_update(tx, organisation, event).await?.map(|event| event.facts))
}

/// The facts of an event that keeps its state until the transaction ends: whoever cancels or unpublishes it waits.
pub async fn lock_facts_for_share(
    tx: &mut Tx,
    organisation: OrganisationId,
    event: EventId,
) -> Result<Option<EventFacts>, Fault> {
    Ok(lock_facts_of_for_share(tx, organisation, &[event]).await?.pop())
}

/// The same for several events at once, locked in the order of their ids; missing ones are left out.
pub async fn lock_facts_of_for_share(
    tx: &mut Tx,
    organisation: OrganisationId,
    events: &[EventId],
) -> Result<Vec<EventFacts>, Fault> {
    let found = store::list_for_share(tx, organisation, events).await?;
    Ok(found.into_iter().map(|event| event.facts).collect())
}

/// A public event as its page shows it, without the online link; `None` for drafts. Behind `Scope::Public`.
pub async fn public_event(tx: &mut Tx, slug: &str) -> Result<Option<PublicEvent>, Fault> {
    discovery::public_event::find(tx, slug).await
}

/// Listed events that are not over, the earliest first. Behind `Scope::Public`.
pub async fn discover(tx: &mut Tx, filter: DiscoverFilter) -> Result<kernel::Page<PublicSummary>, Failure<Never>> {
    discovery::discover::discover(tx, filter).await
}

/// Listed events of one organiser that are not over, the earliest first. Behind `Scope::Public`.
pub async fn upcoming_of(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<PublicSummary>, Fault> {
    let found = discovery::store::upcoming_of(tx, organisation, UPCOMING_EVENTS_MAX).await?;
    Ok(found.into_iter().map(PublicSummary::from).collect())
}

/// An organisation's public page by its slug. Behind `Scope::Public`.
pub async fn page_by_slug(tx: &mut Tx, slug: &str) -> Result<Option<OrganisationPage>, Fault> {
    page::show::find_by_slug(tx, slug).await
}

/// An organisation's public page, for those who name it on tickets and in mails. Behind the tenant's scope or `Scope::Public`.
pub async fn page_of(tx: &mut Tx, organisation: OrganisationId) -> Result<Option<OrganisationPage>, Fault> {
    page::store::find(tx, organisation).await
}

/// A version of a layout, named by the hash of its content: equal hashes are equal layouts.
#[derive(Debug, Clone)]
pub struct LayoutEdition {
    /// Which version.
    pub version: i64,
    /// SHA-256 of its document.
    pub content_hash: [u8; 32],
    /// What it draws.
    pub layout: Layout,
}

/// A version of an organisation's layout, the newest when none is named. Reading a large one takes some milliseconds.
pub async fn layout_edition(
    tx: &mut Tx,
    organisation: OrganisationId,
    layout: LayoutId,
    version: Option<i64>,
) -> Result<Option<LayoutEdition>, Fault> {
    let Some(found) = layout_store::find(tx, organisation, layout, version).await? else { return Ok(None) };
    let document = serde_json::from_str(&found.document).map_err(Fault::corrupt)?;
    Ok(Some(LayoutEdition {
        version: found.version,
        content_hash: found.content_hash.try_into().map_err(|_| Fault::corrupt("the hash of a layout"))?,
        layout: Layout::parse(&document).map_err(Fault::corrupt)?,
    }))
}
