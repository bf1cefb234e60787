//! Edits an event, if nobody else did since it was read.

use axum::extract::State;
use kernel::events::EventEdited;
use kernel::{EventId, MediaId, OrganisationId, Slug};
use platform::db::Tx;
use platform::{Failure, Fault, FieldError, InvalidFields, Refusal, RefusalKind};
use serde::{Deserialize, Deserializer};
use web::rights::EditEvents;
use web::{AppState, IfMatch, Json, Member, Path, Problem, Versioned};

use super::create::{asked_slug, slug_taken};
use super::fields::{EventFields, RawFields};
use super::model::{Attendance, Category, Event, EventState};
use super::show::EventPath;
use super::store::{self, ChangedRow, NotStored};
use super::view::EventView;

/// Changes to an event.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Which it is.
    pub event: EventId,
    /// The version that was read before.
    pub version: Option<i64>,
    /// What changes.
    pub changes: EventPatch,
}

/// Why an event was not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditRefusal {
    /// Missing or foreign.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// No version was named.
    #[error("Say which version you edit: send its ETag as If-Match.")]
    VersionMissing,
    /// Somebody else was faster.
    #[error("Somebody edited this event in the meantime. Load it again and repeat your changes.")]
    Stale {
        /// The version it has now.
        version: i64,
    },
    /// The changes break rules.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
}

impl Refusal for EditRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::VersionMissing => "if_match_required",
            Self::Stale { .. } => "stale",
            Self::Invalid(fields) => fields.code(),
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::VersionMissing => RefusalKind::PreconditionRequired,
            Self::Stale { .. } => RefusalKind::Stale,
            Self::Invalid(fields) => fields.kind(),
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.fields(),
            _ => Vec::new(),
        }
    }
    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::Stale { version } => Some(serde_json::json!({ "version": version })),
            _ => None,
        }
    }
}

/// What an edit comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edited {
    fields: EventFields,
    slug: Slug,
    cover: Option<MediaId>,
    changed: Vec<String>,
}

/// Edits an event. Changes that change nothing leave its version as it is.
pub async fn edit(tx: &mut Tx, command: Edit) -> Result<Event, Failure<EditRefusal>> {
    let event = store::find_for_update(tx, command.organisation, command.event).await?.ok_or(EditRefusal::NotFound)?;
    let edited = decide(&event, command.version, &command.changes)?;
    if edited.changed.is_empty() {
        return Ok(event);
    }
    let row = ChangedRow {
        organisation: command.organisation,
        event: command.event,
        slug: &edited.slug,
        cover: edited.cover.map(MediaId::uuid),
        fields: &edited.fields,
    };
    store::update(tx, row, not_stored).await?;
    tx.record(Some(command.organisation), &EventEdited { event: command.event, fields: edited.changed }).await?;
    store::find(tx, command.organisation, command.event)
        .await?
        .ok_or_else(|| Fault::corrupt("an edited event is not there").into())
}

fn not_stored(why: NotStored) -> EditRefusal {
    match why {
        NotStored::SlugTaken => slug_taken().into(),
        NotStored::NoSuchCover => {
            InvalidFields(vec![FieldError::new("cover_id", "not_found", "There is no such picture; upload it first.")])
                .into()
        }
    }
}

/// The event after the changes, or why they are refused.
fn decide(event: &Event, version: Option<i64>, changes: &EventPatch) -> Result<Edited, EditRefusal> {
    match version {
        None => return Err(EditRefusal::VersionMissing),
        Some(read) if read != event.facts.version => return Err(EditRefusal::Stale { version: event.facts.version }),
        Some(_) => {}
    }
    let before = EventFields::of(event);
    let (fields, mut complaints) = EventFields::read(&changes.applied_to(before.clone().into()));
    let slug = asked_slug(changes.slug.as_deref(), &mut complaints).unwrap_or_else(|| event.facts.slug.clone());
    if slug != event.facts.slug && event.state != EventState::Draft {
        complaints.add("slug", "fixed_while_public", "People may have the address already, so it stays.");
    }
    if let Some(fields) = fields.as_ref().filter(|_| event.facts.status.is_open()) {
        fields.complain_unless_ready(&mut complaints);
    }
    complaints.refuse_any()?;
    let fields = fields.ok_or_else(|| InvalidFields(Vec::new()))?;
    let cover_before = event.facts.cover.as_ref().map(|cover| cover.id);
    let cover = changes.cover_id.unwrap_or(cover_before);
    let mut changed = fields.changed_from(&before);
    changed.extend((slug != event.facts.slug).then(|| "slug".to_owned()));
    changed.extend((cover != cover_before).then(|| "cover_id".to_owned()));
    Ok(Edited { fields, slug, cover, changed })
}

/// Changes to an event. What is left out stays; a text set to null is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventPatch {
    /// 1 to 140 characters on one line.
    pub title: Option<String>,
    /// The start on the wall at the place.
    #[schema(example = "2027-03-12T19:00")]
    pub starts_local: Option<String>,
    /// The end on the wall at the place.
    #[schema(example = "2027-03-13T01:00")]
    pub ends_local: Option<String>,
    /// The IANA name of the zone of the place.
    pub zone: Option<String>,
    /// How people take part.
    pub attendance: Option<Attendance>,
    /// The name of the place.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub venue_name: Option<Option<String>>,
    /// Street and number.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub address: Option<Option<String>>,
    /// The city.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub city: Option<Option<String>>,
    /// The country.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub country: Option<Option<String>>,
    /// The link to join online; only ticket holders get it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub online_url: Option<Option<String>>,
    /// One or two sentences, 280 characters at most.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub summary: Option<Option<String>>,
    /// Markdown, 20,000 characters at most.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// What kind it is; null makes it `other`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Category>)]
    pub category: Option<Option<Category>>,
    /// The hue of its pages, 0 to 359.
    pub hue: Option<i64>,
    /// Its name in addresses; drafts only.
    pub slug: Option<String>,
    /// The picture; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<MediaId>)]
    pub cover_id: Option<Option<MediaId>>,
}

/// Tells null (`Some(None)`) from a field that was left out (`None`).
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl EventPatch {
    fn applied_to(&self, raw: RawFields) -> RawFields {
        let text = |change: &Option<Option<String>>, now: String| change.clone().map_or(now, Option::unwrap_or_default);
        let mut time = raw.time;
        time.starts_local = self.starts_local.clone().unwrap_or(time.starts_local);
        time.ends_local = self.ends_local.clone().unwrap_or(time.ends_local);
        time.zone = self.zone.clone().unwrap_or(time.zone);
        RawFields {
            title: self.title.clone().unwrap_or(raw.title),
            summary: text(&self.summary, raw.summary),
            description: text(&self.description, raw.description),
            category: self.category.map_or(raw.category, |category| category.unwrap_or(Category::Other)),
            hue: self.hue.unwrap_or(raw.hue),
            attendance: self.attendance.unwrap_or(raw.attendance),
            venue_name: text(&self.venue_name, raw.venue_name),
            address: text(&self.address, raw.address),
            city: text(&self.city, raw.city),
            country: text(&self.country, raw.country),
            online_url: text(&self.online_url, raw.online_url),
            time,
        }
    }
}

/// Edit an event. `If-Match` carries the version that was read.
#[utoipa::path(
    patch, path = "/api/v1/organisations/{organisation}/events/{event}", tag = "events",
    params(("organisation" = OrganisationId, Path), ("event" = EventId, Path), ("If-Match" = String, Header, description = "The ETag of the event")),
    request_body = EventPatch,
    responses(
        (status = 200, body = EventView, headers(("ETag" = String, description = "The new version"))),
        (status = 412, description = "Somebody else edited it in the meantime"),
        (status = 428, description = "If-Match is missing")
    ),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn edit_event(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    Path(path): Path<EventPath>,
    IfMatch(version): IfMatch,
    Json(changes): Json<EventPatch>,
) -> Result<Versioned<EventView>, Problem> {
    let command = Edit { organisation: path.organisation, event: path.event, version, changes };
    let event = app.platform.db.write(member.scope(), "edit_event", command, edit).await?;
    Ok(Versioned { version: event.facts.version, body: EventView::of(&app.platform, &event) })
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
