//! A client's side of the counter: sends calls, and records when they began, when they were over and what was answered.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use kernel::{HoldId, PoolId};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::venue::{Event, Organiser, Stall, text};
use super::{Dice, Site};
use crate::history::{Answer, Call, Draw, Operation, Sight};

/// How long a patient client waits. Seconds.
const PATIENCE_SECONDS: u64 = 40;

/// One client's connection to the nodes, and what it has seen.
#[derive(Debug)]
pub struct Desk {
    http: reqwest::Client,
    nodes: Vec<String>,
    client: u32,
    origin: Instant,
    /// The client's choices.
    pub dice: Dice,
    /// What it has seen.
    pub recorded: Vec<Operation>,
}

/// A hold that a client knows of.
#[derive(Debug, Clone)]
pub struct Held {
    hold: HoldId,
    secret: String,
    draws: Vec<Draw>,
}

/// An answer of the server, as it came.
struct Heard {
    status: u16,
    body: Value,
}

impl Desk {
    /// A client of all nodes of a site.
    pub fn new(site: &Site, client: u32, origin: Instant, seed: u64) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(PATIENCE_SECONDS)).build()?;
        let nodes = site.nodes.clone();
        Ok(Self { http, nodes, client, origin, dice: Dice::new(seed, client), recorded: Vec::new() })
    }

    /// Puts places aside; `None` when the client does not know of a hold afterwards.
    pub async fn hold(&mut self, stall: &Stall, quantity: i32, patience: Option<Duration>) -> Result<Option<Held>> {
        let draws = draws(stall, quantity);
        let body = json!({"lines": [{"ticket_type_id": stall.kind, "quantity": quantity}]});
        let path = format!("/api/v1/events/{}/holds", stall.slug);
        let heard = self
            .call(Call::Hold(draws.clone()), patience, |http, base| http.post(format!("{base}{path}")).json(&body))
            .await?;
        let Some(heard) = heard.filter(|heard| heard.status == 201) else { return Ok(None) };
        let hold = text(&heard.body, "/id")?.parse().context("a hold's id")?;
        Ok(Some(Held { hold, secret: text(&heard.body, "/secret")?, draws }))
    }

    /// Buys in one call.
    pub async fn buy(&mut self, stall: &Stall, quantity: i32, patience: Option<Duration>) -> Result<()> {
        let lines = json!([{"ticket_type_id": stall.kind, "quantity": quantity}]);
        let body = json!({"lines": lines, "buyer": self.buyer()});
        let path = format!("/api/v1/events/{}/orders", stall.slug);
        let call = Call::Buy(draws(stall, quantity));
        self.call(call, patience, |http, base| http.post(format!("{base}{path}")).json(&body)).await?;
        Ok(())
    }

    /// Turns a hold into tickets.
    pub async fn confirm(&mut self, held: &Held, patience: Option<Duration>) -> Result<()> {
        let body = json!({"secret": held.secret, "buyer": self.buyer()});
        let path = format!("/api/v1/holds/{}/order", held.hold);
        let call = Call::Confirm { hold: held.hold, draws: held.draws.clone() };
        self.call(call, patience, |http, base| http.post(format!("{base}{path}")).json(&body)).await?;
        Ok(())
    }

    /// Lets go of a hold.
    pub async fn release(&mut self, held: &Held, patience: Option<Duration>) -> Result<()> {
        let path = format!("/api/v1/holds/{}?secret={}", held.hold, held.secret);
        let call = Call::Release { hold: held.hold, draws: held.draws.clone() };
        self.call(call, patience, |http, base| http.delete(format!("{base}{path}"))).await?;
        Ok(())
    }

    /// Looks at an event's tickets as anyone can.
    pub async fn look(&mut self, stall: &Stall) -> Result<()> {
        let path = format!("/api/v1/events/{}/ticket-types", stall.slug);
        let heard = self.call(Call::Look, None, |http, base| http.get(format!("{base}{path}"))).await?;
        // The public is told how many places are left when there are few; of a type with one pool, that is the pool's number.
        let left = heard.and_then(|heard| {
            let items = heard.body.pointer("/items")?.as_array()?;
            let own =
                items.iter().find(|item| item.pointer("/id").and_then(Value::as_str) == Some(stall.kind.as_str()));
            i32::try_from(own?.pointer("/left")?.as_i64()?).ok()
        });
        if let (Some(Answer::Saw(sights)), [pool]) =
            (self.recorded.last_mut().map(|operation| &mut operation.answer), stall.pools.as_slice())
        {
            sights.iter_mut().filter(|sight| sight.pool == *pool).for_each(|sight| sight.available = left);
        }
        Ok(())
    }

    /// Looks at an event's pools as its organiser can; answers what was seen.
    pub async fn inspect(&mut self, organiser: &Organiser, event: &Event) -> Result<Vec<Sight>> {
        let path = format!("{}/pools", event.path);
        let key = organiser.key.clone();
        self.call(Call::Look, None, |http, base| http.get(format!("{base}{path}")).bearer_auth(&key)).await?;
        match self.recorded.last().map(|operation| &operation.answer) {
            Some(Answer::Saw(sights)) => Ok(sights.clone()),
            _ => Ok(Vec::new()),
        }
    }

    /// Changes a pool's capacity.
    pub async fn resize(&mut self, organiser: &Organiser, event: &Event, pool: PoolId, capacity: i32) -> Result<()> {
        let path = format!("{}/pools/{pool}", event.path);
        let (key, body) = (organiser.key.clone(), json!({"capacity": capacity}));
        let call = Call::Resize { pool, capacity };
        let send = |http: &reqwest::Client, base: &str| {
            http.request(Method::PATCH, format!("{base}{path}")).bearer_auth(&key).json(&body)
        };
        let heard = self.call(call, None, send).await?;
        // The pool in the answer is read after the change: a look of its own, at some time within the call.
        if let (Some(heard), Some(resize)) = (heard.filter(|heard| heard.status == 200), self.recorded.last()) {
            let look = Operation { call: Call::Look, answer: Answer::Saw(vec![sight(&heard.body)?]), ..resize.clone() };
            self.recorded.push(look);
        }
        Ok(())
    }

    fn buyer(&self) -> Value {
        json!({"name": "Ada Buyer", "email": format!("buyer{}@example.org", self.client)})
    }

    /// Sends a call to one of the nodes and records it. `None` when the client does not know what came of it.
    async fn call(
        &mut self,
        call: Call,
        patience: Option<Duration>,
        request: impl Fn(&reqwest::Client, &str) -> RequestBuilder,
    ) -> Result<Option<Heard>> {
        let node = self.dice.below(u64::try_from(self.nodes.len())?);
        let base = self.nodes.get(usize::try_from(node)?).context("a site has nodes")?;
        let request = request(&self.http, base);
        let invoked = self.now()?;
        let heard = match patience {
            Some(patience) => tokio::time::timeout(patience, hear(request)).await.ok().flatten(),
            None => hear(request).await,
        };
        let completed = heard.as_ref().map(|_| self.now()).transpose()?;
        let answer = heard.as_ref().map_or(Ok(Answer::Unknown), |heard| heard.answer(&call))?;
        let node = u32::try_from(node)?;
        self.recorded.push(Operation { client: self.client, node, invoked, completed, call, answer });
        Ok(heard)
    }

    fn now(&self) -> Result<u64> {
        Ok(u64::try_from(self.origin.elapsed().as_nanos())?)
    }
}

async fn hear(request: RequestBuilder) -> Option<Heard> {
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    let body = answer.bytes().await.ok()?;
    Some(Heard { status, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

fn draws(stall: &Stall, quantity: i32) -> Vec<Draw> {
    stall.pools.iter().map(|pool| Draw { pool: *pool, quantity }).collect()
}

impl Heard {
    /// What the answer says about the stock.
    fn answer(&self, call: &Call) -> Result<Answer> {
        let code = self.body.pointer("/code").and_then(Value::as_str).unwrap_or_default();
        Ok(match (self.status, code) {
            (429, _) | (503, "busy") => Answer::TurnedAway,
            (500.., _) => Answer::Unknown,
            (409, "sold_out") => Answer::SoldOut {
                pool: text(&self.body, "/pool_id")?.parse().context("a pool's id")?,
                version: self.body.pointer("/pool_version").and_then(Value::as_i64),
                available: self.number("/available")?,
            },
            (409, "capacity_below_sold") => {
                Answer::BelowSold { sold: self.number("/sold")?, held: self.number("/held")? }
            }
            (409 | 410, _) if matches!(call, Call::Confirm { .. }) => Answer::Ended,
            (200..300, _) => self.success(call)?,
            _ => bail!("{call} was answered {} with {}", self.status, self.body),
        })
    }

    fn success(&self, call: &Call) -> Result<Answer> {
        match call {
            Call::Look => self.sights().map(Answer::Saw),
            Call::Resize { .. } => Ok(Answer::Done { hold: None, versions: None }),
            Call::Hold(_) => {
                let hold = text(&self.body, "/id")?.parse().context("a hold's id")?;
                Ok(Answer::Done { hold: Some(hold), versions: self.versions()? })
            }
            Call::Buy(_) | Call::Release { .. } | Call::Confirm { .. } => {
                Ok(Answer::Done { hold: None, versions: self.versions()? })
            }
        }
    }

    fn number(&self, pointer: &str) -> Result<i32> {
        number(&self.body, pointer)
    }

    fn versions(&self) -> Result<Option<Vec<(PoolId, i64)>>> {
        let Some(pools) = self.body.pointer("/pools").and_then(Value::as_array) else { return Ok(None) };
        let version = |pool: &Value| Ok((text(pool, "/id")?.parse()?, version(pool)?));
        pools.iter().map(version).collect::<Result<Vec<_>>>().map(Some)
    }

    /// The organiser's list has the pools as items; the public one has types as items, and the versions of the pools beside them.
    fn sights(&self) -> Result<Vec<Sight>> {
        let list = |name: &str| self.body.pointer(name).and_then(Value::as_array).map(Vec::as_slice);
        let items = list("/items").context("a list has items")?;
        match list("/pools") {
            Some(pools) => pools.iter().map(sight).collect(),
            None => items.iter().map(sight).collect(),
        }
    }
}

fn number(value: &Value, pointer: &str) -> Result<i32> {
    let number = value.pointer(pointer).and_then(Value::as_i64);
    Ok(i32::try_from(number.with_context(|| format!("no number at {pointer} of {value}"))?)?)
}

fn version(pool: &Value) -> Result<i64> {
    pool.pointer("/version").and_then(Value::as_i64).with_context(|| format!("no version in {pool}"))
}

fn sight(pool: &Value) -> Result<Sight> {
    let has_stock = pool.pointer("/capacity").is_some();
    let stock = || anyhow::Ok((number(pool, "/capacity")?, number(pool, "/held")?, number(pool, "/sold")?));
    Ok(Sight {
        pool: text(pool, "/id")?.parse()?,
        version: version(pool)?,
        available: has_stock.then(|| number(pool, "/available")).transpose()?,
        stock: has_stock.then(stock).transpose()?,
    })
}
