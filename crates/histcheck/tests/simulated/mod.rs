//! A box office in memory whose calls take effect at one instant between their beginning and their end, in random order; and box offices
//! with a planted bug.
#![allow(dead_code, reason = "every test file uses a part of it")]

use histcheck::history::{Answer, Call, Draw, Operation, Sight};
use histcheck::journal::{Cause, Entry, Numbers};
use kernel::{HoldId, OrderId, PoolId};
use uuid::Uuid;

/// What is wrong with the box office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Nothing.
    None,
    /// The guard is missing half of the time.
    Oversell,
    /// Looks and refusals are decided by an old version.
    Stale,
    /// "Sold out" while there are places.
    FalseSoldOut,
    /// A release is acknowledged and does nothing.
    LostRelease,
    /// A change of several pools is made pool by pool.
    HalfBundle,
    /// The answer leaves before the commit, which then fails.
    LostReply,
    /// The answer leaves before the commit, which comes later.
    LateCommit,
    /// Two buyers are told that one hold is theirs.
    SharedHold,
}

/// Every planted bug.
pub const BUGS: [Bug; 8] = [
    Bug::Oversell,
    Bug::Stale,
    Bug::FalseSoldOut,
    Bug::LostRelease,
    Bug::HalfBundle,
    Bug::LostReply,
    Bug::LateCommit,
    Bug::SharedHold,
];

/// What a run looks like.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub bug: Bug,
    pub pools: usize,
    pub clients: u32,
    pub calls: usize,
    /// Places of a pool.
    pub capacity: i64,
    /// Some refusals name no version.
    pub is_loose: bool,
}

/// SplitMix64 (Steele, Lea and Flood 2014).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

struct Pool {
    id: PoolId,
    states: Vec<Numbers>,
}

impl Pool {
    fn version(&self) -> i64 {
        i64::try_from(self.states.len()).unwrap() - 1
    }
    fn now(&self) -> Numbers {
        *self.states.last().unwrap()
    }
}

struct Hold {
    id: HoldId,
    draws: Vec<Draw>,
    is_live: bool,
    is_converted: bool,
    owner: u32,
}

/// What a client is doing.
enum Doing {
    Nothing,
    /// A call is on its way to the store.
    Asking(usize),
    /// The store has changed one pool of several.
    Half(usize, Vec<Entry>, Answer),
    /// The answer is on its way back.
    Hearing(usize, Answer),
}

pub struct Simulation {
    plan: Plan,
    dice: Dice,
    now: u64,
    pools: Vec<Pool>,
    holds: Vec<Hold>,
    pub journal: Vec<Entry>,
    pub history: Vec<Operation>,
    doing: Vec<Doing>,
    /// Calls whose client has gone; they may still happen.
    adrift: Vec<usize>,
    ids: u128,
}

pub fn pool(number: usize) -> PoolId {
    PoolId::from(Uuid::from_u128(u128::try_from(number).unwrap() + 1))
}

impl Simulation {
    pub fn run(seed: u64, plan: Plan) -> Self {
        let opened = Numbers { capacity: plan.capacity, held: 0, sold: 0 };
        let mut simulation = Self {
            plan,
            dice: Dice(seed),
            now: 1,
            pools: (0..plan.pools).map(|at| Pool { id: pool(at), states: vec![Numbers::default(), opened] }).collect(),
            holds: Vec::new(),
            journal: Vec::new(),
            history: Vec::new(),
            doing: (0..plan.clients).map(|_| Doing::Nothing).collect(),
            adrift: Vec::new(),
            ids: 1000,
        };
        for at in 0..plan.pools {
            let entry =
                Entry { pool: pool(at), version: 1, delta: opened, cause: Cause::Opened, hold: None, order: None };
            simulation.journal.push(entry);
        }
        while simulation.history.len() < plan.calls
            || simulation.doing.iter().any(|doing| !matches!(doing, Doing::Nothing))
        {
            simulation.step();
        }
        simulation
    }

    fn step(&mut self) {
        if !self.dice.percent(15) {
            self.now += 1;
        }
        if !self.adrift.is_empty() && self.dice.percent(15) {
            let at = self.dice.below(self.adrift.len());
            let call = self.adrift.swap_remove(at);
            self.act(call);
        }
        if self.dice.percent(4) {
            self.expire();
        }
        let client = self.dice.below(self.doing.len());
        let doing = std::mem::replace(&mut self.doing[client], Doing::Nothing);
        self.doing[client] = match doing {
            Doing::Nothing if self.history.len() < self.plan.calls => self.ask(client),
            Doing::Nothing => Doing::Nothing,
            Doing::Asking(call) => self.serve(call),
            Doing::Half(call, rest, answer) => {
                for entry in rest {
                    self.write(entry.pool, entry.delta, entry.cause, entry.hold, entry.order);
                }
                let answer = self.with_present_versions(call, answer);
                Doing::Hearing(call, answer)
            }
            Doing::Hearing(call, answer) => {
                if let (Call::Hold(draws), Answer::Done { hold: Some(id), .. }) = (&self.history[call].call, &answer)
                    && let Some(hold) = self.holds.iter_mut().find(|hold| hold.id == *id && hold.draws == *draws)
                {
                    hold.owner = self.history[call].client;
                }
                self.history[call].completed = Some(self.now);
                self.history[call].answer = answer;
                Doing::Nothing
            }
        };
    }

    fn ask(&mut self, client: usize) -> Doing {
        let client = u32::try_from(client).unwrap();
        let call = self.invent(client);
        self.history.push(Operation {
            client,
            node: client % 2,
            invoked: self.now,
            completed: None,
            call,
            answer: Answer::Unknown,
        });
        let at = self.history.len() - 1;
        // The organiser waits for answers.
        let is_resize = matches!(self.history[at].call, Call::Resize { .. });
        if !is_resize && self.dice.percent(12) {
            if self.dice.percent(60) {
                self.adrift.push(at);
            }
            return Doing::Nothing;
        }
        Doing::Asking(at)
    }

    fn invent(&mut self, client: u32) -> Call {
        let own: Vec<(HoldId, Vec<Draw>)> =
            self.holds.iter().filter(|hold| hold.owner == client).map(|hold| (hold.id, hold.draws.clone())).collect();
        let roll = self.dice.below(100);
        if roll < 35 && !own.is_empty() {
            let (hold, draws) = own[self.dice.below(own.len())].clone();
            return if roll < 20 { Call::Release { hold, draws } } else { Call::Confirm { hold, draws } };
        }
        match roll {
            0..65 => Call::Hold(self.draws()),
            65..78 => Call::Buy(self.draws()),
            // One organiser, who does one thing at a time.
            78..90 if client == 0 => Call::Resize {
                pool: pool(self.dice.below(self.plan.pools)),
                capacity: i32::try_from(self.plan.capacity).unwrap() + i32::try_from(self.dice.below(4)).unwrap() - 1,
            },
            _ => Call::Look,
        }
    }

    fn draws(&mut self) -> Vec<Draw> {
        let quantity = i32::try_from(1 + self.dice.below(2)).unwrap();
        let first = self.dice.below(self.plan.pools);
        let mut draws = vec![Draw { pool: pool(first), quantity }];
        if self.plan.pools > 1 && self.dice.percent(60) {
            draws.push(Draw { pool: pool((first + 1) % self.plan.pools), quantity });
        }
        draws.sort();
        draws
    }

    fn pool(&self, id: PoolId) -> &Pool {
        self.pools.iter().find(|pool| pool.id == id).unwrap()
    }

    fn write(&mut self, id: PoolId, delta: Numbers, cause: Cause, hold: Option<HoldId>, order: Option<OrderId>) -> i64 {
        let pool = self.pools.iter_mut().find(|pool| pool.id == id).unwrap();
        pool.states.push(pool.now().plus(delta));
        let version = pool.version();
        self.journal.push(Entry { pool: id, version, delta, cause, hold, order });
        version
    }

    fn fresh(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    fn expire(&mut self) {
        let live: Vec<usize> = (0..self.holds.len()).filter(|at| self.holds[*at].is_live).collect();
        if !live.is_empty() {
            let at = live[self.dice.below(live.len())];
            self.end(at, Cause::Expired);
        }
    }

    fn end(&mut self, at: usize, cause: Cause) -> Vec<(PoolId, i64)> {
        self.holds[at].is_live = false;
        self.holds[at].is_converted = cause == Cause::Converted;
        let (id, draws) = (self.holds[at].id, self.holds[at].draws.clone());
        let order = (cause == Cause::Converted).then(|| OrderId::from(self.fresh()));
        let end = |draw: &Draw| {
            let held = i64::from(-draw.quantity);
            let sold = if cause == Cause::Converted { -held } else { 0 };
            (draw.pool, self.write(draw.pool, Numbers { capacity: 0, held, sold }, cause, Some(id), order))
        };
        draws.iter().map(end).collect()
    }

    /// A call of a client that has gone takes effect.
    fn act(&mut self, call: usize) {
        if let Doing::Half(_, rest, _) = self.serve(call) {
            for entry in rest {
                self.write(entry.pool, entry.delta, entry.cause, entry.hold, entry.order);
            }
        }
    }

    fn serve(&mut self, call: usize) -> Doing {
        match self.history[call].call.clone() {
            Call::Hold(draws) => self.take(call, &draws, true),
            Call::Buy(draws) => self.take(call, &draws, false),
            Call::Release { hold, .. } => Doing::Hearing(call, self.end_hold(call, hold, Cause::Released)),
            Call::Confirm { hold, .. } => Doing::Hearing(call, self.end_hold(call, hold, Cause::Converted)),
            Call::Resize { pool, capacity } => Doing::Hearing(call, self.resize(pool, capacity)),
            Call::Look => {
                let sights = (0..self.plan.pools).map(|at| self.sight(pool(at))).collect();
                Doing::Hearing(call, Answer::Saw(sights))
            }
        }
    }

    /// The version that an answer is decided by: the newest, but for the stale bug.
    fn looked_at(&mut self, id: PoolId) -> (i64, Numbers) {
        let newest = self.pool(id).version();
        let is_stale = self.plan.bug == Bug::Stale && self.dice.percent(50);
        let age = if is_stale { i64::try_from(1 + self.dice.below(3)).unwrap() } else { 0 };
        let version = (newest - age).max(1);
        (version, self.pool(id).states[usize::try_from(version).unwrap()])
    }

    fn sight(&mut self, id: PoolId) -> Sight {
        let (version, state) = self.looked_at(id);
        let small = |number: i64| i32::try_from(number).unwrap();
        let stock = self.dice.percent(50).then(|| (small(state.capacity), small(state.held), small(state.sold)));
        let available = self.dice.percent(70).then(|| small(state.available()));
        Sight { pool: id, version, available, stock }
    }

    fn take(&mut self, call: usize, draws: &[Draw], is_hold: bool) -> Doing {
        let is_guarded = self.plan.bug != Bug::Oversell || self.dice.percent(50);
        for draw in draws {
            let (version, state) = self.looked_at(draw.pool);
            let is_lie = self.plan.bug == Bug::FalseSoldOut && self.dice.percent(40);
            let is_short = state.available() < i64::from(draw.quantity);
            if (is_short && is_guarded) || is_lie {
                let available = i32::try_from(state.available()).unwrap().min(draw.quantity - 1);
                let version = (!self.plan.is_loose || self.dice.percent(50)).then_some(version);
                return Doing::Hearing(call, Answer::SoldOut { pool: draw.pool, version, available });
            }
        }
        // A stale look must not turn into an oversold pool here: that is another bug.
        if is_guarded && draws.iter().any(|draw| self.pool(draw.pool).now().available() < i64::from(draw.quantity)) {
            let draw = draws[0];
            let (version, available) = (self.pool(draw.pool).version(), self.pool(draw.pool).now().available());
            if available >= i64::from(draw.quantity) {
                return Doing::Hearing(call, Answer::TurnedAway);
            }
            let available = i32::try_from(available).unwrap();
            return Doing::Hearing(call, Answer::SoldOut { pool: draw.pool, version: Some(version), available });
        }
        let (hold, order) = match is_hold {
            true => (Some(HoldId::from(self.fresh())), None),
            false => (None, Some(OrderId::from(self.fresh()))),
        };
        if self.plan.bug == Bug::LostReply && self.dice.percent(40) {
            let versions = draws.iter().map(|draw| (draw.pool, self.pool(draw.pool).version() + 1)).collect();
            return Doing::Hearing(call, Answer::Done { hold, versions: Some(versions) });
        }
        if self.plan.bug == Bug::SharedHold
            && is_hold
            && self.dice.percent(40)
            && let Some(shared) = self.holds.iter().find(|hold| hold.is_live && hold.draws == *draws)
        {
            return Doing::Hearing(call, Answer::Done { hold: Some(shared.id), versions: None });
        }
        if let Some(hold) = hold {
            self.holds.push(Hold {
                id: hold,
                draws: draws.to_vec(),
                is_live: true,
                is_converted: false,
                owner: u32::MAX,
            });
        }
        self.grant(call, draws, hold, order)
    }

    fn grant(&mut self, call: usize, draws: &[Draw], hold: Option<HoldId>, order: Option<OrderId>) -> Doing {
        let cause = if hold.is_some() { Cause::Held } else { Cause::Sold };
        let mut entries = draws.iter().map(|draw| {
            let quantity = i64::from(draw.quantity);
            let delta = if hold.is_some() {
                Numbers { capacity: 0, held: quantity, sold: 0 }
            } else {
                Numbers { capacity: 0, held: 0, sold: quantity }
            };
            Entry { pool: draw.pool, version: 0, delta, cause, hold, order }
        });
        let first = entries.next().unwrap();
        let rest: Vec<Entry> = entries.collect();
        self.write(first.pool, first.delta, cause, hold, order);
        let answer = Answer::Done { hold, versions: None };
        if self.plan.bug == Bug::HalfBundle && !rest.is_empty() {
            return Doing::Half(call, rest, answer);
        }
        for entry in rest {
            self.write(entry.pool, entry.delta, cause, hold, order);
        }
        let answer = self.with_present_versions(call, answer);
        Doing::Hearing(call, answer)
    }

    /// The answer with the versions its change made; a hold that tells its id may leave them out.
    fn with_present_versions(&mut self, call: usize, answer: Answer) -> Answer {
        let Answer::Done { hold, .. } = answer else { return answer };
        let own = |entry: &&Entry| match hold {
            Some(hold) => entry.hold == Some(hold) && entry.cause == Cause::Held,
            None => entry.cause == Cause::Sold,
        };
        let pools = self.history[call].pools();
        let newest = |pool: &PoolId| {
            let entry = self.journal.iter().rev().filter(own).find(|entry| entry.pool == *pool).unwrap();
            (*pool, entry.version)
        };
        let versions: Vec<(PoolId, i64)> = pools.iter().map(newest).collect();
        Answer::Done { hold, versions: (hold.is_none() || !self.dice.percent(10)).then_some(versions) }
    }

    fn end_hold(&mut self, call: usize, id: HoldId, cause: Cause) -> Answer {
        let at = self.holds.iter().position(|hold| hold.id == id);
        let is_told = self.dice.percent(60);
        let nothing = Answer::Done { hold: None, versions: is_told.then(Vec::new) };
        let Some(at) = at else { return Answer::Ended };
        if !self.holds[at].is_live {
            let may_repeat = cause == Cause::Released || self.holds[at].is_converted;
            return if may_repeat { nothing } else { Answer::Ended };
        }
        if self.plan.bug == Bug::LostRelease && cause == Cause::Released && self.dice.percent(60) {
            return Answer::Done { hold: None, versions: None };
        }
        if self.plan.bug == Bug::LateCommit && self.history[call].answer == Answer::Unknown && self.dice.percent(50) {
            self.adrift.push(call);
            return Answer::Done { hold: None, versions: None };
        }
        let versions = self.end(at, cause);
        Answer::Done { hold: None, versions: is_told.then_some(versions) }
    }

    fn resize(&mut self, id: PoolId, capacity: i32) -> Answer {
        let now = self.pool(id).now();
        let by = i64::from(capacity) - now.capacity;
        if now.held + now.sold > i64::from(capacity) {
            let small = |number: i64| i32::try_from(number).unwrap();
            return Answer::BelowSold { sold: small(now.sold), held: small(now.held) };
        }
        if by != 0 {
            self.write(id, Numbers { capacity: by, held: 0, sold: 0 }, Cause::Resized, None, None);
        }
        Answer::Done { hold: None, versions: None }
    }
}
