//! Everything that runs while cases are measured, and how each is measured on it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sqlx::postgres::PgPool;
use tokio::task::JoinSet;

use crate::arithmetic::{spread, whole};
use crate::baseline;
use crate::cases::{CONNECTIONS, Case, OTHER_EVENTS, OTHER_RATE, On, What};
use crate::check::{self, Claim};
use crate::cluster::Cluster;
use crate::growth::Grown;
use crate::hall::Halls;
use crate::house::{Event, House, TICKETS_AN_ORDER_MAX};
use crate::load::spec::{Operation, Report, Show, Spec};
use crate::measure::{Found, Look, Watched, Window, generate};
use crate::options::Options;
use crate::server::{Place, Server};

/// Places of an event that does not sell out; the most a pool may have.
pub const PLACES: u32 = 1_000_000;
/// Tickets an order, as the baseline writes them.
pub const QUANTITY: u32 = 2;
/// Places of each event of a rush, and callers it gets.
const RUSH_PLACES: u32 = 50;
const RUSH_CALLERS: u64 = 5_000;
/// Answers a second that a first window of a kind is prepared for.
const RUSH_RATE: f64 = 20_000.0;
const SCAN_RATE: f64 = 2_000.0;
/// How often a window is measured again with more to ask for.
const TRIES_MAX: usize = 3;
/// Set-up calls at a time.
const SET_UP_CALLS: usize = 8;
/// Room for every number that a window can use up.
const NUMBERS_A_WINDOW: u64 = 100_000_000;

/// The servers and what was set up on them.
#[derive(Debug)]
pub struct Stage<'a> {
    /// What was asked for.
    pub options: &'a Options,
    /// PostgreSQL.
    pub cluster: &'a Cluster,
    /// Where files of a run go.
    pub directory: PathBuf,
    /// The server as it is shipped.
    pub main: Server,
    /// The same with a batch of one, when it has that switch.
    pub unbatched: Option<Server>,
    /// The bare hello-world.
    pub hello: Server,
    /// The databases of row 6.
    pub grown: Vec<Grown>,
    /// The organiser.
    pub house: House,
    /// The server's database, as superuser.
    pub database: PgPool,
    /// The baseline's database, as superuser.
    pub baseline: PgPool,
    /// What earlier windows left behind.
    pub memory: Memory,
    /// The halls among that.
    pub halls: Halls,
}

/// What a window leaves for later ones.
#[derive(Debug, Default)]
pub struct Memory {
    next_number: u64,
    events: HashMap<String, Vec<Show>>,
    orders: HashMap<String, u64>,
    door: Option<(Event, String)>,
    admitted: u64,
    /// Rates by case.
    rates: HashMap<String, Vec<f64>>,
}

/// A window before it is put together.
pub type Raw = (Report, Look, Look);

impl Stage<'_> {
    /// Measures a case once and checks what it left behind.
    ///
    /// # Errors
    /// When something was sold twice, does not add up, or fails.
    pub async fn measure(&mut self, case: &Case, round: usize) -> Result<Window> {
        let (report, before, after) = match &case.what {
            What::Pgbench { clients } => self.pgbench(*clients).await?,
            What::HotEvent { on, connections, share_of } => {
                let rate = share_of.map(|(other, share)| self.share(other, share)).transpose()?;
                self.hot_event(*on, *connections, rate).await?
            }
            What::ManyEvents { events } => self.many_events(case, *events).await?,
            What::OtherEvents { beside } => {
                let rate = beside.map(|(other, share)| self.share(other, share)).transpose()?;
                self.others(case, rate).await?
            }
            What::HoldThenOrder => self.pair().await?,
            What::Seats { is_named } => self.seats(case, *is_named).await?,
            What::HoldBest { seats } => self.hold_best(*seats).await?,
            What::SeatStatus => self.seat_status().await?,
            What::Rush => self.rush(case).await?,
            What::Hello => self.fetch(self.hello.place, "/".to_owned(), None).await?,
            What::Page { is_livez, accept_encoding } => self.page(*is_livez, *accept_encoding).await?,
            What::Scan => self.scan(case).await?,
        };
        ensure!(!report.ran_out, "{}: nothing was left to ask for before the window ended", case.label);
        let window = Window::of(&Found { case: &case.id, round, report: &report }, &before, &after);
        self.memory.rates.entry(case.id.clone()).or_default().push(window.rate + window.refusal_rate);
        Ok(window)
    }

    fn share(&self, other: &str, share: f64) -> Result<f64> {
        let rates = self.memory.rates.get(other).map(Vec::as_slice).unwrap_or_default();
        Ok(spread(rates).with_context(|| format!("{other} was not measured yet"))?.median * share)
    }

    /// How many operations a window may use up: half more than the last one of the case did, or a first guess.
    pub fn provision(&self, case: &Case, first_rate: f64) -> u64 {
        let last = self.memory.rates.get(&case.id).and_then(|rates| rates.last());
        let rate = last.map_or(first_rate, |rate| rate * 1.5);
        whole(rate * (self.options.warm_up + self.options.seconds)) + 1_000
    }

    /// A run of the generator on numbers that no other run uses.
    pub fn spec(&mut self, address: SocketAddr, connections: usize, operation: Operation) -> Spec {
        self.memory.next_number += NUMBERS_A_WINDOW;
        Spec {
            address,
            connections,
            threads: self.options.generator_threads,
            warm_up_seconds: self.options.warm_up,
            seconds: self.options.seconds,
            rate: None,
            first: self.memory.next_number,
            operation,
        }
    }

    /// Whose processor time is looked at.
    pub fn watched(&self, server: Option<u32>) -> Watched<'_> {
        Watched { postmaster: self.cluster.postmaster, server, database: &self.database }
    }

    fn order_of(&self, shows: Vec<Show>) -> Operation {
        if self.house.has_one_call {
            Operation::Order { shows, quantity: QUANTITY }
        } else {
            Operation::HoldThenOrder { shows, quantity: QUANTITY }
        }
    }

    async fn pgbench(&self, clients: u32) -> Result<Raw> {
        let (warm_up, seconds) = (self.options.warm_up, self.options.seconds);
        let run = baseline::Run { cluster: self.cluster, directory: &self.directory, clients, warm_up, seconds };
        let raw = baseline::pgbench(&run, &self.watched(None)).await?;
        check::baseline(&self.baseline).await?;
        Ok(raw)
    }

    /// A new event for each window, so that no window inherits the size of another.
    async fn hot_event(&mut self, on: On, connections: usize, rate: Option<f64>) -> Result<Raw> {
        let (place, database) = self.server_of(on)?;
        let event = self.house.publish(&place.base(), "Hot event", PLACES).await?;
        let operation = self.order_of(vec![event.show.clone()]);
        let spec = Spec { rate, ..self.spec(place.address, connections, operation) };
        let raw = generate(&spec, &self.watched(Some(place.pid))).await?;
        no_refusals(&raw.0)?;
        check::sales(&database, &Claim { shows: &[event.show], orders_before: 0, report: &raw.0 }).await?;
        Ok(raw)
    }

    fn server_of(&self, on: On) -> Result<(Place, PgPool)> {
        match on {
            On::Main => Ok((self.main.place, self.database.clone())),
            On::Unbatched => {
                let server = self.unbatched.as_ref().context("the server has no switch for batches")?;
                Ok((server.place, self.database.clone()))
            }
            On::Grown(index) => {
                let grown = self.grown.get(index).context("there is no such database")?;
                Ok((grown.server.place, grown.database.clone()))
            }
        }
    }

    async fn many_events(&mut self, case: &Case, count: usize) -> Result<Raw> {
        let shows = match self.memory.events.get(&case.id) {
            Some(shows) => shows.clone(),
            None => self.publish_many("Many events", count, PLACES).await?,
        };
        self.memory.events.insert(case.id.clone(), shows.clone());
        let operation = self.order_of(shows.clone());
        let spec = self.spec(self.main.place.address, CONNECTIONS, operation);
        let raw = generate(&spec, &self.watched(Some(self.main.place.pid))).await?;
        no_refusals(&raw.0)?;
        let orders_before = self.memory.orders.get(&case.id).copied().unwrap_or_default();
        let orders = check::sales(&self.database, &Claim { shows: &shows, orders_before, report: &raw.0 }).await?;
        self.memory.orders.insert(case.id.clone(), orders);
        Ok(raw)
    }

    /// What a hot event, sold at a rate, does to others: both loads have the same window, and the others are reported.
    async fn others(&mut self, case: &Case, hot_rate: Option<f64>) -> Result<Raw> {
        let place = self.main.place;
        let shows = self.publish_many("Other", OTHER_EVENTS, PLACES).await?;
        let hot = self.house.publish(&place.base(), "Hot beside others", PLACES).await?.show;
        let operation = self.order_of(shows.clone());
        let spec = Spec { rate: Some(OTHER_RATE.into()), ..self.spec(place.address, CONNECTIONS, operation) };
        let operation = self.order_of(vec![hot.clone()]);
        let beside = Spec { rate: hot_rate, ..self.spec(place.address, CONNECTIONS, operation) };
        let watched = self.watched(Some(place.pid));
        let (raw, beside) = match hot_rate {
            Some(_) => {
                tokio::try_join!(generate(&spec, &watched), async { generate(&beside, &watched).await.map(Some) })?
            }
            None => (generate(&spec, &watched).await?, None),
        };
        let reports = beside.iter().map(|raw| (std::slice::from_ref(&hot), &raw.0));
        for (shows, report) in reports.chain([(shows.as_slice(), &raw.0)]) {
            no_refusals(report).with_context(|| case.label.clone())?;
            check::sales(&self.database, &Claim { shows, orders_before: 0, report }).await?;
        }
        Ok(raw)
    }

    async fn pair(&mut self) -> Result<Raw> {
        let place = self.main.place;
        let event = self.house.publish(&place.base(), "Hold then order", PLACES).await?;
        let operation = Operation::HoldThenOrder { shows: vec![event.show.clone()], quantity: QUANTITY };
        let spec = self.spec(place.address, CONNECTIONS, operation);
        let raw = generate(&spec, &self.watched(Some(place.pid))).await?;
        no_refusals(&raw.0)?;
        check::sales(&self.database, &Claim { shows: &[event.show], orders_before: 0, report: &raw.0 }).await?;
        Ok(raw)
    }

    async fn rush(&mut self, case: &Case) -> Result<Raw> {
        let place = self.main.place;
        let mut callers = self.provision(case, RUSH_RATE);
        for _ in 0..TRIES_MAX {
            let shows = self.publish_many("Rush", usize::try_from(callers / RUSH_CALLERS + 1)?, RUSH_PLACES).await?;
            let in_one_call = self.house.has_one_call;
            let operation =
                Operation::Rush { shows: shows.clone(), callers_each: RUSH_CALLERS, in_one_call, quantity: 1 };
            let spec = self.spec(place.address, CONNECTIONS, operation);
            let raw = generate(&spec, &self.watched(Some(place.pid))).await?;
            check::rush(&self.database, &shows, &raw.0, RUSH_CALLERS).await?;
            if !raw.0.ran_out {
                return Ok(raw);
            }
            callers *= 3;
        }
        bail!("a rush is over before its window")
    }

    async fn page(&mut self, is_livez: bool, accept_encoding: Option<&str>) -> Result<Raw> {
        let place = self.main.place;
        if is_livez {
            return self.fetch(place, "/livez".to_owned(), accept_encoding).await;
        }
        let event = match self.memory.events.get("page") {
            Some(shows) => shows.clone(),
            None => self.publish_many("Page", 1, PLACES).await?,
        };
        self.memory.events.insert("page".to_owned(), event.clone());
        let slug = &event.first().context("there is no event")?.slug;
        self.fetch(place, format!("/e/{slug}"), accept_encoding).await
    }

    /// Asks for one address.
    pub async fn fetch(&mut self, place: Place, path: String, accept_encoding: Option<&str>) -> Result<Raw> {
        let operation = Operation::Fetch { paths: vec![path], accept_encoding: accept_encoding.map(str::to_owned) };
        let spec = self.spec(place.address, CONNECTIONS, operation);
        generate(&spec, &self.watched(Some(place.pid))).await
    }

    async fn scan(&mut self, case: &Case) -> Result<Raw> {
        let place = self.main.place;
        let (event, token) = match self.memory.door.clone() {
            Some(door) => door,
            None => {
                let event = self.house.publish(&place.base(), "Door", PLACES).await?;
                let token = self.house.device(&place.base(), &event).await?;
                self.memory.door.insert((event, token)).clone()
            }
        };
        let mut codes = self.provision(case, SCAN_RATE);
        for _ in 0..TRIES_MAX {
            let file = self.directory.join("codes");
            self.write_codes(&event.show, codes, &file).await?;
            let operation = Operation::Scan { token: token.clone(), codes: file };
            let spec = self.spec(place.address, CONNECTIONS, operation);
            let raw = generate(&spec, &self.watched(Some(place.pid))).await?;
            self.memory.admitted = check::admissions(&self.database, &event.show, self.memory.admitted, &raw.0).await?;
            if !raw.0.ran_out {
                return Ok(raw);
            }
            codes *= 3;
        }
        bail!("all tickets are scanned before the window is over")
    }

    /// Buys so many tickets and writes what their QR codes say, one a line.
    async fn write_codes(&self, show: &Show, count: u64, file: &Path) -> Result<()> {
        let orders = count.div_ceil(u64::from(TICKETS_AN_ORDER_MAX));
        let (house, base) = (self.house.clone(), self.main.place.base());
        let buy = |order: u64| {
            let (house, base, show) = (house.clone(), base.clone(), show.clone());
            async move { house.buy(&base, &show, TICKETS_AN_ORDER_MAX, &format!("door{order}@example.org")).await }
        };
        let mut text = String::new();
        for order in at_most(SET_UP_CALLS, (0..orders).map(buy)).await? {
            let tickets = order.pointer("/tickets").and_then(Value::as_array).context("an order has no tickets")?;
            for ticket in tickets {
                text.push_str(ticket.pointer("/qr").and_then(Value::as_str).context("a ticket has no code")?);
                text.push('\n');
            }
        }
        Ok(std::fs::write(file, text)?)
    }

    /// Stops all servers.
    pub async fn lower(self) -> Result<()> {
        let grown = self.grown.into_iter().map(|grown| grown.server);
        for server in [self.main, self.hello].into_iter().chain(self.unbatched).chain(grown) {
            server.stop().await?;
        }
        Ok(())
    }

    async fn publish_many(&self, title: &str, count: usize, places: u32) -> Result<Vec<Show>> {
        let (house, base) = (self.house.clone(), self.main.place.base());
        let publish = |index: usize| {
            let (house, base, title) = (house.clone(), base.clone(), format!("{title} {index}"));
            async move { Ok(house.publish(&base, &title, places).await?.show) }
        };
        at_most(SET_UP_CALLS, (0..count).map(publish)).await
    }
}

/// An event that sells out within a window would measure something else.
pub fn no_refusals(report: &Report) -> Result<()> {
    ensure!(report.refused == 0, "an event with {PLACES} places sold out within a window; measure fewer --seconds");
    Ok(())
}

/// Runs futures, so many at a time; answers in any order.
async fn at_most<T, F>(count: usize, futures: impl Iterator<Item = F>) -> Result<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let (mut running, mut done) = (JoinSet::new(), Vec::new());
    for future in futures {
        if running.len() >= count
            && let Some(ended) = running.join_next().await
        {
            done.push(ended??);
        }
        running.spawn(future);
    }
    while let Some(ended) = running.join_next().await {
        done.push(ended??);
    }
    Ok(done)
}
