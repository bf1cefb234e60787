//! Facts for the journal that concern the catalogue alone; those that leave it are in `kernel::events`.

use kernel::events::JournalEvent;
use kernel::{EventId, LayoutId, MediaId, OrganisationId};
use serde::{Deserialize, Serialize};

/// A public event became a draft again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventUnpublished {
    /// The event.
    pub event: EventId,
}

impl JournalEvent for EventUnpublished {
    const KIND: &'static str = "catalog.event_unpublished";
    const AGGREGATE: &'static str = "event";
    fn aggregate_id(&self) -> uuid::Uuid {
        self.event.uuid()
    }
}

/// A picture was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaUploaded {
    /// The picture.
    pub media: MediaId,
}

impl JournalEvent for MediaUploaded {
    const KIND: &'static str = "catalog.media_uploaded";
    const AGGREGATE: &'static str = "media";
    fn aggregate_id(&self) -> uuid::Uuid {
        self.media.uuid()
    }
}

/// An organisation's public page was edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageEdited {
    /// Whose page.
    pub organisation: OrganisationId,
}

impl JournalEvent for PageEdited {
    const KIND: &'static str = "catalog.page_edited";
    const AGGREGATE: &'static str = "page";
    fn aggregate_id(&self) -> uuid::Uuid {
        self.organisation.uuid()
    }
}

/// A layout was drawn, or replaced by a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayoutSaved {
    /// The layout.
    pub layout: LayoutId,
    /// The version that was made.
    pub version: i64,
}

impl JournalEvent for LayoutSaved {
    const KIND: &'static str = "catalog.layout_saved";
    const AGGREGATE: &'static str = "layout";
    fn aggregate_id(&self) -> uuid::Uuid {
        self.layout.uuid()
    }
}
