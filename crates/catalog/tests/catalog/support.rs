//! Two kinds of people, organisations that identity told of, and events to work with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use catalog::api::{self, PublishRefusal};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::events::{OrganisationCreated, OrganisationProfile};
use kernel::{AccountId, Currency, EventId, OrganisationId, Role, SessionId, Slug, ZoneName};
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use serde_json::{Value, json};
use testkit::{Client, TestApp, TestAppBuilder};
use web::{Authenticator, Credential, Principal};

const SETTLE_TRIES_MAX: usize = 500;

/// Lets in whoever names an account it knows; roles are written down by the tests.
#[derive(Default)]
pub struct Doorman {
    roles: Mutex<HashMap<(AccountId, OrganisationId), Role>>,
}

impl Authenticator for Doorman {
    fn authenticate<'a>(
        &'a self,
        _: &'a Platform,
        credential: Credential,
    ) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
        let account = match credential {
            Credential::Bearer(token) => token.parse::<AccountId>().ok(),
            Credential::SessionCookie(_) => None,
        };
        let principal = account.map(|account| Principal::Account { account, session: SessionId::from(account.uuid()) });
        async move { Ok(principal) }.boxed()
    }
    fn role<'a>(
        &'a self,
        _: &'a Platform,
        account: AccountId,
        organisation: OrganisationId,
    ) -> BoxFuture<'a, Result<Option<Role>, Fault>> {
        let role = self.roles.lock().unwrap().get(&(account, organisation)).copied();
        async move { Ok(role) }.boxed()
    }
}

/// A running catalogue.
pub struct House {
    pub app: TestApp,
    doorman: Arc<Doorman>,
}

/// An organisation with someone who may edit its events and someone who may look.
pub struct Team {
    pub organisation: OrganisationId,
    pub editor: Client,
    pub viewer: Client,
}

pub async fn house() -> House {
    let doorman = Arc::new(Doorman::default());
    let authenticator: Arc<dyn Authenticator> = Arc::<Doorman>::clone(&doorman);
    let app = TestAppBuilder::new(|| vec![catalog::module()], authenticator).start().await;
    House { app, doorman }
}

pub fn profile(slug: &str) -> OrganisationProfile {
    OrganisationProfile {
        slug: Slug::parse(slug).unwrap(),
        name: format!("{slug} events"),
        contact_email: format!("hello@{slug}.example"),
        currency: Currency::parse("EUR").unwrap(),
        time_zone: ZoneName::parse("Europe/Amsterdam").unwrap(),
    }
}

impl House {
    /// An organisation that identity has told the journal of.
    pub async fn team(&self, slug: &str) -> Team {
        let platform = &self.app.platform;
        let organisation: OrganisationId = platform.random.id(platform.clock.now());
        let event = OrganisationCreated { organisation, profile: profile(slug) };
        platform.db.write(Scope::Tenant(organisation), "found", event, record_created).await.unwrap();
        self.settle().await;
        Team {
            organisation,
            editor: self.person(organisation, Role::Manager),
            viewer: self.person(organisation, Role::Viewer),
        }
    }

    /// Runs jobs until the relay has read the whole journal. One drain is not enough: transactions of other tests on the same cluster hold
    /// the relay back while they run.
    pub async fn settle(&self) {
        let database = self.app.database.superuser().await;
        let unread = "select exists (select from platform.journal j left join platform.journal_cursor c on c.consumer = 'relay'
                                     where c.consumer is null or (j.transaction_id, j.position) > (c.transaction_id, c.position))";
        for _ in 0..SETTLE_TRIES_MAX {
            self.app.drain().await;
            if !sqlx::query_scalar::<_, bool>(unread).fetch_one(&database).await.unwrap() {
                self.app.drain().await;
                return database.close().await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the journal is not read to its end");
    }

    /// Somebody with a role in an organisation.
    pub fn person(&self, organisation: OrganisationId, role: Role) -> Client {
        let account: AccountId = self.app.platform.random.id(self.app.platform.clock.now());
        self.doorman.roles.lock().unwrap().insert((account, organisation), role);
        self.app.client.with_bearer(&account.to_string())
    }

    /// Publishes an event as the box office does.
    pub async fn publish(
        &self,
        team: &Team,
        event: &Value,
        unlisted: bool,
    ) -> Result<api::Event, Failure<PublishRefusal>> {
        let command = (team.organisation, id_of(event), unlisted);
        self.app.platform.db.write(Scope::Tenant(team.organisation), "publish_event", command, publish).await
    }

    /// Creates an event and publishes it.
    pub async fn published(&self, team: &Team, changes: Value) -> Value {
        let event = team.create(changes).await;
        self.publish(team, &event, false).await.unwrap();
        event
    }
}

async fn record_created(tx: &mut Tx, event: OrganisationCreated) -> Result<(), Failure<Never>> {
    tx.record(Some(event.organisation), &event).await?;
    Ok(())
}

async fn publish(
    tx: &mut Tx,
    (organisation, event, unlisted): (OrganisationId, EventId, bool),
) -> Result<api::Event, Failure<PublishRefusal>> {
    api::publish(tx, organisation, event, unlisted).await
}

pub fn id_of(event: &Value) -> EventId {
    event["id"].as_str().unwrap().parse().unwrap()
}

/// A concert in Rotterdam with some fields changed.
pub fn concert(changes: Value) -> Value {
    let mut body = json!({
        "title": "Blue Harbour Jazz",
        "starts_local": "2027-03-12T19:00",
        "ends_local": "2027-03-13T01:00",
        "zone": "Europe/Amsterdam",
        "attendance": "in_person",
        "venue_name": "Pakhuis 14",
        "address": "Rijnhaven 14",
        "city": "Rotterdam",
        "country": "Netherlands",
        "category": "music",
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

impl Team {
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/organisations/{}{rest}", self.organisation)
    }
    pub fn event_path(&self, event: &Value) -> String {
        self.path(&format!("/events/{}", event["id"].as_str().unwrap()))
    }
    /// Creates a concert with some fields changed.
    pub async fn create(&self, changes: Value) -> Value {
        self.editor.post(&self.path("/events"), concert(changes)).await.expect(201)
    }
}

/// The field and code of each complaint.
pub fn complaints(problem: &Value) -> Vec<(String, String)> {
    let word = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
    problem["errors"].as_array().unwrap().iter().map(|error| (word(error, "field"), word(error, "code"))).collect()
}

/// The titles of a list, in its order.
pub fn titles(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

pub fn pair(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}
