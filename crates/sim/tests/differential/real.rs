//! The real box office: lanes over PostgreSQL, an event for each sequence.

use std::collections::HashMap;
use std::fmt::Write;

use boxoffice::hold::model::TakeRefusal;
use boxoffice::lane::command::{Ask, Command, Outcome};
use boxoffice::lane::{self, Answered};
use boxoffice::order::place::Placed;
use futures_util::future::join_all;
use kernel::{EventId, HoldId, OrderId, OrganisationId, PaymentId, PoolId, Slug, TicketTypeId};
use platform::{Failure, Platform};
use sim::{World, scene};
use sqlx::{AssertSqlSafe, PgPool, Row};
use testkit::TestApp;
use uuid::Uuid;

use crate::support;
use crate::told::Tables;

/// The server with its tenant, and which real thing is which simulated one in the sequence that runs.
pub struct Real {
    app: TestApp,
    database: PgPool,
    organisation: OrganisationId,
    template: Uuid,
    seconds: i64,
    sequence: u128,
    /// Simulated to real.
    real: HashMap<Uuid, Uuid>,
    /// Real to the number of the simulated one.
    numbers: HashMap<Uuid, usize>,
}

impl Real {
    /// A server with one published event, which is the template of all others.
    pub async fn start() -> Self {
        let app = support::start().await;
        let house = support::found(&app, "northside").await.with_key().await;
        let layout = house.owner.post(&format!("{}/layouts", house.path), scene::layout()).await.expect(201);
        let show = house.draft("Template").await;
        let kind = house.add_type(&show, "Stalls", 0, 1).await;
        let seating = serde_json::json!({"layout_id": layout.get("id"), "categories": {"a": [kind]}});
        house.owner.put(&format!("{}/seating", show.path), seating).await.expect(200);
        house.publish(&show).await;
        let organisation = house.path.rsplit('/').next().unwrap().parse().unwrap();
        let template: EventId = show.path.rsplit('/').next().unwrap().parse().unwrap();
        let database = app.database.superuser().await;
        let template = template.uuid();
        Self {
            app,
            database,
            organisation,
            template,
            seconds: 0,
            sequence: 0,
            real: HashMap::new(),
            numbers: HashMap::new(),
        }
    }

    /// How long after the beginning it is.
    pub fn microseconds(&self) -> i64 {
        self.seconds * 1_000_000
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: i64) {
        self.seconds += seconds;
        self.app.advance(seconds);
    }

    /// What a thing that is there from the beginning is called here: its own number, and that of the sequence.
    fn given(&self, id: Uuid) -> Uuid {
        Uuid::from_u128(id.as_u128() | (self.sequence << 64))
    }

    /// The number of the simulated thing that a real one is.
    pub fn number(&self, id: Uuid) -> usize {
        self.numbers.get(&id).copied().unwrap_or_else(|| scene::number(id))
    }

    /// An event as a world begins with it.
    pub async fn open(&mut self, world: &World, number: u64) {
        (self.sequence, self.real, self.numbers) = (u128::from(number) + 1, HashMap::new(), HashMap::new());
        let organisation = self.organisation.uuid();
        let event = self.given(scene::event(0).uuid());
        let now = self.app.platform.clock.now();
        let mut sql = format!(
            "insert into catalog.event
               (organisation_id, id, slug, title, currency, attendance, status, zone, starts_local, ends_local, starts_at, ends_at, created_at,
                updated_at, published_at)
             select organisation_id, '{event}', 'evening-{number}', title, currency, attendance, status, zone, starts_local,
                    timestamp '2036-01-01 01:00', starts_at, timestamptz '2036-01-01 00:00Z', created_at, updated_at, published_at
             from catalog.event where id = '{}';\n",
            self.template
        );
        for pool in world.store.pools.iter().map(|row| &row.pool) {
            let (id, capacity) = (self.given(pool.id.uuid()), pool.capacity);
            writeln!(
                sql,
                "insert into boxoffice.pool (organisation_id, id, event_id, name, capacity, version, created_at)
                 values ('{organisation}', '{id}', '{event}', 'pool', {capacity}, 1, '{now}');
                 insert into boxoffice.pool_journal
                   (organisation_id, pool_id, version, capacity_delta, held_delta, sold_delta, cause, recorded_at)
                 values ('{organisation}', '{id}', 1, {capacity}, 0, 0, 'opened', '{now}');"
            )
            .unwrap();
        }
        sql.push_str(&self.seating(event));
        for (position, kind) in world.scene.events.first().unwrap().types.iter().enumerate() {
            let (id, name, pricing, price) =
                (self.given(kind.id.uuid()), &kind.name, kind.pricing.as_str(), kind.price.amount);
            let limit = kind.maximum_per_person.map_or("null".to_owned(), |limit| limit.to_string());
            let (most, is_addon) = (kind.maximum_per_order, kind.is_addon);
            let category = kind.seat_category.as_ref().map_or("null".to_owned(), |key| format!("'{key}'"));
            writeln!(
                sql,
                "insert into boxoffice.ticket_type
                   (organisation_id, id, event_id, name, pricing, price, currency, maximum_per_order, position, created_at,
                    maximum_per_person, is_addon, seat_category)
                 values ('{organisation}', '{id}', '{event}', '{name}', '{pricing}', {price}, 'EUR', {most}, {position}, '{now}',
                    {limit}, {is_addon}, {category});"
            )
            .unwrap();
            for pool in &kind.pools {
                let pool = self.given(pool.uuid());
                writeln!(
                    sql,
                    "insert into boxoffice.ticket_type_pool (organisation_id, ticket_type_id, pool_id)
                     values ('{organisation}', '{id}', '{pool}');"
                )
                .unwrap();
            }
        }
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.database).await.unwrap();
    }

    /// The statement that gives an event the seats of the template.
    fn seating(&self, event: Uuid) -> String {
        format!(
            "insert into boxoffice.seating
               (organisation_id, event_id, layout_id, layout_version, document, content_hash, seats, statuses, created_at)
             select organisation_id, '{event}', layout_id, layout_version, document, content_hash, seats, statuses, created_at
             from boxoffice.seating where event_id = '{}';\n",
            self.template
        )
    }

    /// The provider has the money of a payment.
    pub async fn succeed(&self, payment: usize) {
        let id = self.known(scene::payment(payment).uuid());
        let sql = format!(
            "update payments.payment
             set state = 'succeeded', provider = 'test', provider_ref = id::text, succeeded_at = '{}'
             where id = '{id}'",
            self.app.platform.clock.now()
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.database).await.unwrap();
    }

    /// The real thing of a simulated one; one that is nowhere when it was never told of.
    fn known(&self, id: Uuid) -> Uuid {
        self.real.get(&id).copied().unwrap_or(id)
    }

    /// The same command for the real things.
    fn translate(&self, command: &Command) -> Command {
        let mut command = command.clone();
        let organisation = self.organisation;
        let event = EventId::from(self.given(scene::event(0).uuid()));
        let hold = |id: HoldId| HoldId::from(self.known(id.uuid()));
        let order = |id: OrderId| OrderId::from(self.known(id.uuid()));
        let slug = Slug::parse(&format!("evening-{}", self.sequence - 1)).unwrap();
        match &mut command {
            Command::Take(it) => {
                (it.organisation, it.event, it.slug) = (organisation, event, slug);
                it.wanted.iter_mut().for_each(|wish| wish.ticket_type = self.kind(wish.ticket_type));
            }
            Command::Buy(it) => {
                (it.organisation, it.event, it.slug) = (organisation, event, slug);
                it.wanted.iter_mut().for_each(|wish| wish.ticket_type = self.kind(wish.ticket_type));
            }
            Command::Renew(it) => (it.organisation, it.event, it.hold) = (organisation, event, hold(it.hold)),
            Command::Release(it) => (it.organisation, it.event, it.hold) = (organisation, event, hold(it.hold)),
            Command::Place(it) => (it.organisation, it.event, it.hold) = (organisation, event, hold(it.hold)),
            Command::Cancel(it) => (it.organisation, it.event, it.order) = (organisation, event, order(it.order)),
            Command::Settle(it) => {
                (it.organisation, it.event, it.order) = (organisation, event, order(it.order));
                it.payment = PaymentId::from(self.known(it.payment.uuid()));
            }
            Command::Resize(it) => {
                (it.organisation, it.event) = (organisation, event);
                it.pool = PoolId::from(self.given(it.pool.uuid()));
            }
            Command::Block(it) => (it.organisation, it.event) = (organisation, event),
            Command::Sweep(it) => (it.organisation, it.event) = (organisation, event),
        }
        command
    }

    fn kind(&self, id: TicketTypeId) -> TicketTypeId {
        self.given(id.uuid()).into()
    }

    /// Asks the lanes for some things at once.
    pub async fn ask_all(&self, commands: &[Command]) -> Vec<Outcome> {
        let platform = &self.app.platform;
        join_all(commands.iter().map(|command| ask(platform, self.translate(command)))).await
    }

    /// Which real things are which simulated ones, from two answers to one question.
    pub fn learn(&mut self, simulated: &Outcome, real: &Outcome) {
        let mut same = Vec::new();
        match (simulated, real) {
            (Outcome::Taken(Ok(simulated)), Outcome::Taken(Ok(real))) => {
                same.push((simulated.hold.id.uuid(), real.hold.id.uuid()));
            }
            (
                Outcome::Bought(Ok(simulated)) | Outcome::Placed(Ok(Placed::Now(simulated))),
                Outcome::Bought(Ok(real)) | Outcome::Placed(Ok(Placed::Now(real))),
            ) => {
                same.push((simulated.order.id.uuid(), real.order.id.uuid()));
                let uuids = |hold: Option<HoldId>, payment: Option<PaymentId>| {
                    [hold.map(HoldId::uuid), payment.map(PaymentId::uuid)]
                };
                let (ours, theirs) =
                    (uuids(simulated.order.hold, simulated.payment), uuids(real.order.hold, real.payment));
                same.extend(ours.into_iter().zip(theirs).filter_map(|(ours, theirs)| Some((ours?, theirs?))));
            }
            _ => {}
        }
        for (simulated, real) in same {
            self.real.insert(simulated, real);
            self.numbers.insert(real, scene::number(simulated));
        }
    }

    /// What is in the tables about the sequence's event.
    pub async fn tables(&self) -> Tables {
        let event = self.given(scene::event(0).uuid());
        let own = format!("where event_id = '{event}'");
        let mut tables = Tables::default();
        let pools = format!("select id, capacity, held, sold, version from boxoffice.pool {own} order by id");
        for row in self.fetch(pools).await {
            let numbers = [1, 2, 3].map(|at| row.get::<i32, _>(at));
            tables.pools.push((numbers, row.get(4)));
        }
        let journal = format!(
            "select j.pool_id, j.version, j.capacity_delta, j.held_delta, j.sold_delta, j.cause, j.hold_id, j.order_id, j.recorded_at::text
             from boxoffice.pool_journal j join boxoffice.pool p on p.id = j.pool_id {own} order by j.pool_id, j.version"
        );
        for row in self.fetch(journal).await {
            let deltas = [2, 3, 4].map(|at| row.get::<i32, _>(at));
            let id = |at: usize| row.get::<Option<Uuid>, _>(at).map(|id| self.number(id));
            tables.journal.push((self.number(row.get(0)), row.get(1), deltas, row.get(5), id(6), id(7)));
        }
        let seats = format!("select version, cause, seats from boxoffice.seat_change {own} order by version");
        for row in self.fetch(seats).await {
            let mut seats: Vec<i32> = row.get(2);
            seats.sort_unstable();
            tables.seat_changes.push((row.get(0), row.get(1), seats));
        }
        let statuses = format!("select statuses from boxoffice.seating {own}");
        tables.seats = self.fetch(statuses).await.first().unwrap().get(0);
        let holds = format!(
            "select id, state, renewals, (extract(epoch from expires_at) * 1000000)::bigint from boxoffice.hold {own}"
        );
        for row in self.fetch(holds).await {
            tables.holds.insert(self.number(row.get(0)), (row.get(1), row.get(2), row.get(3)));
        }
        let orders = format!(
            "select id, state, total, version, payment_id, hold_id,
                    (select count(*) from boxoffice.ticket t where t.order_id = o.id),
                    (select count(*) from boxoffice.ticket t where t.order_id = o.id and t.state = 'valid'),
                    (select coalesce(sum(r.amount), 0)::bigint from payments.refund r join payments.payment p on p.id = r.payment_id
                     where p.order_id = o.id),
                    coalesce((extract(epoch from paid_at) * 1000000)::bigint, 0)
             from boxoffice.orders o {own}"
        );
        for row in self.fetch(orders).await {
            let id = |at: usize| row.get::<Option<Uuid>, _>(at).map(|id| self.number(id));
            let counts = [6, 7, 8, 9].map(|at| row.get::<i64, _>(at));
            let order = (row.get(1), row.get(2), row.get(3), id(4), id(5), counts);
            tables.orders.insert(self.number(row.get(0)), order);
        }
        tables
    }

    async fn fetch(&self, sql: String) -> Vec<sqlx::postgres::PgRow> {
        sqlx::query(AssertSqlSafe(sql)).fetch_all(&self.database).await.unwrap()
    }

    /// The invariants hold in the real database.
    pub async fn check(&self) {
        self.app.check().await;
    }
}

async fn ask(platform: &Platform, command: Command) -> Outcome {
    match command {
        Command::Take(it) => Outcome::Taken(answer::<_>(platform, it).await),
        Command::Renew(it) => Outcome::Renewed(answer(platform, it).await),
        Command::Buy(it) => Outcome::Bought(answer(platform, it).await),
        Command::Place(it) => Outcome::Placed(answer(platform, it).await),
        Command::Settle(it) => Outcome::Settled(answer(platform, it).await),
        Command::Cancel(it) => Outcome::Cancelled(answer(platform, it).await),
        Command::Resize(it) => Outcome::Resized(answer(platform, it).await),
        Command::Block(it) => Outcome::Blocked(answer(platform, it).await),
        Command::Release(it) => match answer(platform, it).await {
            Ok(released) => Outcome::Released(released),
            Err(never) => match never {},
        },
        Command::Sweep(it) => match answer(platform, it).await {
            Ok(()) => Outcome::Swept,
            Err(never) => match never {},
        },
    }
}

async fn answer<C: Ask>(platform: &Platform, command: C) -> Result<C::Answer, C::Refusal> {
    match lane::ask(platform, command).await {
        Ok(Answered { answer, .. }) => Ok(answer),
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(Failure::Fault(fault)) => panic!("{fault}"),
    }
}

/// A refusal for want of places: the only one that carries an id.
pub fn short(refusal: &TakeRefusal) -> Option<(Uuid, i64, i32)> {
    let TakeRefusal::SoldOut { pool, version, available, .. } = refusal else { return None };
    Some((pool.uuid(), *version, *available))
}
