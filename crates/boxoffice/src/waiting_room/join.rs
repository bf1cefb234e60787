//! Joining the line. Everyone who comes to a node while it writes is written by the next transaction together.

use std::collections::{HashMap, HashSet};

use axum::extract::State;
use http::HeaderMap;
use kernel::{AccountId, EventId, OrganisationId};
use platform::{Failure, Fault, NotFound, Platform, Refusal, RefusalKind, Scope, Tx};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use web::{AppState, Created, Json, MaybeSigned, Path, Problem};

use super::model::steer::RoomState;
use super::model::{Entry, EntryState, Room};
use super::place::{PlaceView, place_of};
use super::presented::Presented;
use super::store::entries::{self, Known, NewEntry};
use super::token::{self, BrowserSecret};
use super::{rooms, store};

/// How many people may wait to be written on one node; more are told to try again.
const ASKS_WAITING_MAX: usize = 8192;
/// How many people one transaction writes.
const ASKS_A_WRITE_MAX: usize = 1024;
/// When someone who was turned away by a full lane may try again.
const BUSY_SECONDS: u32 = 2;

/// Someone who wants to wait.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// SHA-256 of the browser's secret.
    pub browser_hash: [u8; 32],
    /// Who, when they are signed in.
    pub account: Option<AccountId>,
}

/// Why someone does not get a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinRefusal {
    /// There is no waiting room.
    #[error("There is nothing here, or you may not see it.")]
    NotFound,
    /// It was closed; everyone may buy.
    #[error("There is no need to wait: you can choose your tickets.")]
    Closed,
    /// The organiser wants to know who waits.
    #[error("Sign in to join this waiting room: it gives one place to each account.")]
    AccountRequired,
    /// This account waits in another browser.
    #[error("You are waiting already, in another browser or on another device.")]
    WaitsElsewhere,
    /// This browser or account has bought what one person may.
    #[error("You have ordered already. Everyone gets their turn once.")]
    Bought,
    /// Too many join at this moment.
    #[error("Very many people are joining at this moment. Please try again in a moment.")]
    Busy,
}

impl Refusal for JoinRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Closed => "waiting_room_closed",
            Self::AccountRequired => "account_required",
            Self::WaitsElsewhere => "waits_elsewhere",
            Self::Bought => "already_bought",
            Self::Busy => "busy",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::NotFound,
            Self::AccountRequired => RefusalKind::Unauthenticated,
            Self::Closed | Self::WaitsElsewhere | Self::Bought => RefusalKind::Conflict,
            Self::Busy => RefusalKind::Unavailable { retry_after: BUSY_SECONDS },
        }
    }
}

/// What became of one ask.
pub type Answer = Result<Entry, JoinRefusal>;

/// Decides and writes the asks of many in one transaction, in the order of their coming. Whoever is in the line already keeps the place.
pub async fn join(
    tx: &mut Tx,
    (organisation, event, asks): (OrganisationId, EventId, Vec<Ask>),
) -> Result<Vec<Answer>, Failure<NotFound>> {
    let room = store::lock(tx, organisation, event).await?.ok_or(NotFound)?;
    if room.state == RoomState::Closed {
        return Ok(vec![Err(JoinRefusal::Closed); asks.len()]);
    }
    let browsers: Vec<[u8; 32]> = asks.iter().map(|ask| ask.browser_hash).collect();
    let accounts: Vec<AccountId> = asks.iter().filter_map(|ask| ask.account).collect();
    let known = entries::known(tx, &room, &browsers, &accounts).await?;
    let mut joining = Joining::new(room, &known);
    let answers: Vec<Answer> = asks.iter().map(|ask| joining.decide(tx, ask)).collect();
    if !joining.new.is_empty() {
        entries::insert(tx, &joining.room, &joining.new).await?;
        store::save(tx, &joining.room, None).await?;
    }
    Ok(answers)
}

/// A batch that is being decided.
struct Joining {
    room: Room,
    by_browser: HashMap<[u8; 32], Entry>,
    by_account: HashMap<AccountId, Entry>,
    browsers_that_bought: HashSet<[u8; 32]>,
    accounts_that_bought: HashSet<AccountId>,
    new: Vec<NewEntry>,
}

impl Joining {
    fn new(room: Room, known: &[Known]) -> Self {
        let (bought, living): (Vec<&Known>, Vec<&Known>) =
            known.iter().partition(|known| known.entry.state == EntryState::Bought);
        Self {
            room: Room { revision: room.revision + 1, ..room },
            by_browser: living.iter().map(|known| (known.entry.browser_hash, known.entry)).collect(),
            by_account: living.iter().filter_map(|known| Some((known.account?, known.entry))).collect(),
            browsers_that_bought: bought.iter().map(|known| known.entry.browser_hash).collect(),
            accounts_that_bought: bought.iter().filter_map(|known| known.account).collect(),
            new: Vec::new(),
        }
    }

    fn decide(&mut self, tx: &Tx, ask: &Ask) -> Answer {
        if let Some(entry) = self.by_browser.get(&ask.browser_hash) {
            return Ok(*entry);
        }
        if self.room.settings.requires_account && ask.account.is_none() {
            return Err(JoinRefusal::AccountRequired);
        }
        if ask.account.is_some_and(|account| self.by_account.contains_key(&account)) {
            return Err(JoinRefusal::WaitsElsewhere);
        }
        let has_bought = self.browsers_that_bought.contains(&ask.browser_hash)
            || ask.account.is_some_and(|account| self.accounts_that_bought.contains(&account));
        if has_bought {
            return Err(JoinRefusal::Bought);
        }
        let number = self.room.is_drawn().then(|| {
            let number = self.room.next_number;
            self.room.next_number += 1;
            number
        });
        let new = NewEntry { id: tx.new_id(), browser_hash: ask.browser_hash, account: ask.account, number };
        let entry = Entry { id: new.id, state: EntryState::Waiting { number }, browser_hash: ask.browser_hash };
        self.by_browser.insert(ask.browser_hash, entry);
        if let Some(account) = ask.account {
            self.by_account.insert(account, entry);
        }
        self.new.push(new);
        Ok(entry)
    }
}

type Waiting = (Ask, oneshot::Sender<Result<Answer, String>>);

/// The lane of one hall: a queue, and a task that writes what is in it.
pub(super) struct JoinLane(mpsc::Sender<Waiting>);

impl JoinLane {
    /// Starts the task. It ends with the hall.
    pub(super) fn open(platform: &Platform, organisation: OrganisationId, event: EventId) -> Self {
        let (sender, receiver) = mpsc::channel(ASKS_WAITING_MAX);
        tokio::spawn(write_asks(platform.clone(), organisation, event, receiver));
        Self(sender)
    }

    /// Waits for the transaction that writes this ask.
    pub(super) async fn join(&self, ask: Ask) -> Result<Entry, Failure<JoinRefusal>> {
        let (tell, told) = oneshot::channel();
        self.0.try_send((ask, tell)).map_err(|_| JoinRefusal::Busy)?;
        match told.await {
            Ok(Ok(answer)) => Ok(answer?),
            Ok(Err(fault)) => Err(Fault::Interrupted(fault).into()),
            Err(_) => Err(Fault::Interrupted("the lane of a waiting room ended".to_owned()).into()),
        }
    }
}

async fn write_asks(
    platform: Platform,
    organisation: OrganisationId,
    event: EventId,
    mut queue: mpsc::Receiver<Waiting>,
) {
    let mut waiting: Vec<Waiting> = Vec::new();
    while queue.recv_many(&mut waiting, ASKS_A_WRITE_MAX).await > 0 {
        let asks: Vec<Ask> = waiting.iter().map(|(ask, _)| *ask).collect();
        let command = (organisation, event, asks);
        let answers = platform.db.write(Scope::Tenant(organisation), "join_waiting_room", command, join).await;
        let answers: Vec<Result<Answer, String>> = match answers {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(Failure::Refused(NotFound)) => vec![Ok(Err(JoinRefusal::NotFound)); waiting.len()],
            Err(Failure::Fault(fault)) => vec![Err(fault.to_string()); waiting.len()],
        };
        for ((_, tell), answer) in waiting.drain(..).zip(answers) {
            // Whoever hung up keeps the place that was written, and finds it by asking again.
            drop(tell.send(answer));
        }
    }
}

/// A place and the token that proves it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The token.
    pub token: String,
    /// The place.
    pub view: PlaceView,
}

/// Joins on behalf of a browser: the path of both the API and the pages.
pub async fn join_by_slug(
    platform: &Platform,
    slug: &str,
    browser: &BrowserSecret,
    account: Option<AccountId>,
) -> Result<Place, Failure<JoinRefusal>> {
    let hall = rooms::of(platform)
        .hall_by_slug(platform, slug)
        .await
        .map_err(|failure| failure.map(|_| JoinRefusal::NotFound))?;
    let browser_hash = browser.hash();
    let entry = hall.joins().join(Ask { browser_hash, account }).await?;
    hall.see(entry.id);
    let token = token::of_place(&platform.vault, hall.event, entry.id, &browser_hash);
    Ok(Place { token, view: place_of(platform, &hall, entry.id, entry.state, &browser_hash) })
}

/// Nothing has to be said to join.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinRequest {}

/// A place in the line, with what proves it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Joined {
    /// Proves the place, together with the secret.
    pub token: String,
    /// The secret of this browser or program, for `Turnout-Browser`; null when the request brought it.
    pub browser_secret: Option<String>,
    /// The place.
    pub place: PlaceView,
}

/// Join the waiting room of an event
///
/// One place a browser, and one an account. Asking again answers the same place. Keep `browser_secret` and send it as `Turnout-Browser` with
/// everything that follows: tokens are worth nothing without it.
#[utoipa::path(post, path = "/api/v1/events/{slug}/waiting-room/place", tag = "Waiting room", request_body = JoinRequest,
    params(("slug" = String, Path)), responses((status = 201, body = Joined)), extensions(("x-access" = json!("public"))))]
pub(crate) async fn join_http(
    State(app): State<AppState>,
    signed: MaybeSigned,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Json(JoinRequest {}): Json<JoinRequest>,
) -> Result<Created<Joined>, Problem> {
    let given = Presented::of(&headers, &app.platform).browser;
    let browser = given.clone().unwrap_or_else(|| BrowserSecret::new(&app.platform.random));
    let account = signed.0.map(|signed| signed.account);
    let Place { token, view: place } = join_by_slug(&app.platform, &slug, &browser, account).await?;
    let browser_secret = given.is_none().then(|| browser.as_str().to_owned());
    let location = format!("/api/v1/events/{slug}/waiting-room/place");
    Ok(Created { location, body: Joined { token, browser_secret, place } })
}
