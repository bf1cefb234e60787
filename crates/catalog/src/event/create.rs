//! Creates an event as a draft.

use axum::extract::State;
use kernel::events::EventCreated;
use kernel::{Currency, EventId, OrganisationId, Slug};
use platform::db::Tx;
use platform::{Failure, Fault, FieldError, InvalidFields};
use serde::Deserialize;
use web::rights::EditEvents;
use web::{AppState, Created, Json, Member, Problem};

use super::fields::{EventFields, RawFields};
use super::model::{Attendance, Category, Event, HUE_DEGREES_DEFAULT};
use super::store::{self, NewRow};
use super::time::RawTime;
use super::view::EventView;
use crate::text::Complaints;

/// How often another suffix is tried for an address that is taken.
const SLUG_TRIES_MAX: usize = 8;
/// The letters of such a suffix, without those that are read wrong.
const SLUG_SUFFIX_LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A draft to be created.
#[derive(Debug, Clone)]
pub struct Create {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Its facts.
    pub fields: RawFields,
    /// Its name in addresses; made of the title when left out.
    pub slug: Option<String>,
    /// What its tickets are sold in; the organisation's own currency when left out.
    pub currency: Option<String>,
}

/// Creates a draft. A slug that was asked for must be free; one made of the title gets a suffix when it is taken.
pub async fn create(tx: &mut Tx, command: Create) -> Result<Event, Failure<InvalidFields>> {
    let (fields, mut complaints) = EventFields::read(&command.fields);
    let slug = asked_slug(command.slug.as_deref(), &mut complaints);
    let currency = currency(tx, &command, &mut complaints).await?;
    complaints.refuse_any()?;
    let (Some(fields), Some(currency)) = (fields, currency) else {
        return Err(Fault::corrupt("fields were lost without a complaint").into());
    };
    let id: EventId = tx.new_id();
    insert(tx, &command, id, &fields, currency, slug).await?;
    tx.record(Some(command.organisation), &EventCreated { event: id }).await?;
    store::find(tx, command.organisation, id).await?.ok_or_else(|| Fault::corrupt("a new event is not there").into())
}

async fn insert(
    tx: &mut Tx,
    command: &Create,
    event: EventId,
    fields: &EventFields,
    currency: Currency,
    asked: Option<Slug>,
) -> Result<(), Failure<InvalidFields>> {
    let is_asked = asked.is_some();
    let plain = asked.unwrap_or_else(|| Slug::from_title(&fields.title));
    let mut slug = plain.clone();
    for _ in 0..SLUG_TRIES_MAX {
        let row = NewRow { organisation: command.organisation, event, slug: &slug, currency, fields };
        if store::insert(tx, row).await? {
            return Ok(());
        }
        if is_asked {
            return Err(slug_taken().into());
        }
        slug = plain.with_suffix(&suffix(tx.random().bytes()));
    }
    Err(Fault::corrupt("no free address was found").into())
}

fn suffix(bytes: [u8; 5]) -> String {
    bytes
        .into_iter()
        .filter_map(|byte| SLUG_SUFFIX_LETTERS.get(usize::from(byte & 31)).copied())
        .map(char::from)
        .collect()
}

pub(crate) fn slug_taken() -> InvalidFields {
    InvalidFields(vec![FieldError::new("slug", "taken", "Another event has this address.")])
}

/// The slug that was asked for, if one was.
pub(crate) fn asked_slug(text: Option<&str>, complaints: &mut Complaints) -> Option<Slug> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    Slug::parse(text)
        .map_err(|_| {
            complaints.add(
                "slug",
                "not_a_slug",
                "Use 2 to 80 lower-case letters, digits and single hyphens, such as summer-night-2027.",
            )
        })
        .ok()
}

async fn currency(tx: &mut Tx, command: &Create, complaints: &mut Complaints) -> Result<Option<Currency>, Fault> {
    let code = match &command.currency {
        Some(code) => Some(code.trim().to_owned()),
        None => store::usual_currency(tx, command.organisation).await?,
    };
    let Some(code) = code else {
        complaints.add("currency", "required", "Say what tickets are sold in, such as EUR.");
        return Ok(None);
    };
    Ok(Currency::parse(&code)
        .map_err(|_| complaints.add("currency", "not_a_currency", "Use a three-letter code such as EUR."))
        .ok())
}

/// A new event. Times are wall times in `zone`, in whole minutes.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// 1 to 140 characters on one line.
    #[serde(default)]
    #[schema(required, example = "Blue Harbour Jazz")]
    pub title: String,
    /// The start on the wall at the place.
    #[serde(default)]
    #[schema(required, example = "2027-03-12T19:00")]
    pub starts_local: String,
    /// The end on the wall at the place.
    #[serde(default)]
    #[schema(required, example = "2027-03-13T01:00")]
    pub ends_local: String,
    /// The IANA name of the zone of the place.
    #[serde(default)]
    #[schema(required, example = "Europe/Amsterdam")]
    pub zone: String,
    /// How people take part.
    pub attendance: Attendance,
    /// The name of the place.
    pub venue_name: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// The link to join online; only ticket holders get it.
    pub online_url: Option<String>,
    /// One or two sentences, 280 characters at most.
    pub summary: Option<String>,
    /// Markdown, 20,000 characters at most.
    pub description: Option<String>,
    /// What kind it is; `other` when left out.
    pub category: Option<Category>,
    /// The hue of its pages, 0 to 359.
    pub hue: Option<i64>,
    /// Its name in addresses; made of the title when left out.
    pub slug: Option<String>,
    /// ISO 4217; the organisation's own when left out.
    pub currency: Option<String>,
}

impl NewEvent {
    /// The command of an organisation.
    pub fn command(self, organisation: OrganisationId) -> Create {
        let time = RawTime { starts_local: self.starts_local, ends_local: self.ends_local, zone: self.zone };
        let fields = RawFields {
            title: self.title,
            summary: self.summary.unwrap_or_default(),
            description: self.description.unwrap_or_default(),
            category: self.category.unwrap_or(Category::Other),
            hue: self.hue.unwrap_or(i64::from(HUE_DEGREES_DEFAULT)),
            attendance: self.attendance,
            venue_name: self.venue_name.unwrap_or_default(),
            address: self.address.unwrap_or_default(),
            city: self.city.unwrap_or_default(),
            country: self.country.unwrap_or_default(),
            online_url: self.online_url.unwrap_or_default(),
            time,
        };
        Create { organisation, fields, slug: self.slug, currency: self.currency }
    }
}

/// Create an event as a draft.
#[utoipa::path(
    post, path = "/api/v1/organisations/{organisation}/events", tag = "events",
    params(("organisation" = OrganisationId, Path)), request_body = NewEvent,
    responses((status = 201, body = EventView)),
    extensions(("x-access" = json!("edit_events")))
)]
pub(crate) async fn create_event(
    State(app): State<AppState>,
    member: Member<EditEvents>,
    Json(body): Json<NewEvent>,
) -> Result<Created<EventView>, Problem> {
    let command = body.command(member.organisation);
    let event = app.platform.db.write(member.scope(), "create_event", command, create).await?;
    let location = format!("/api/v1/organisations/{}/events/{}", member.organisation, event.facts.id);
    Ok(Created { location, body: EventView::of(&app.platform, &event) })
}
