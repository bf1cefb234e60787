//! One connection: two directions, what is done to each, and how it ends.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::address::{Address, Reader, Stream, Writer};
use crate::control::{Control, View};
use crate::faults::{Chance, Direction, End, Faults};
use crate::postgres::{Backend, Frontend, NO_ENCRYPTION, asks_for_encryption, start_length};
use crate::proxy::Protocol;
use crate::random::Draw;

const CHUNK_BYTES: usize = 16 * 1024;
/// How often in a second a throttled direction says something.
const THROTTLED_PIECES_A_SECOND: u64 = 20;

/// Passes one connection on until either side ends it or a fault does.
pub async fn run(mut client: Stream, peer: Address, protocol: Protocol, control: Control) {
    let number = control.count(|tally| &tally.connections);
    let mut view = control.view_of(number);
    let mut cuts = control.cuts();
    if view.faults().refuse {
        control.count(|tally| &tally.refused);
        return client.reset_when_dropped();
    }
    let relayed = async {
        view.leave_black_hole().await;
        let mut server = peer.connect().await.map_err(|_| End::Reset)?;
        let exchange = Exchange { control: control.clone(), number, protocol, swallow_at: AtomicU64::new(0) };
        exchange.relay(&mut client, &mut server, &view).await
    };
    let end = tokio::select! {
        ended = relayed => ended.err(),
        changed = cuts.changed() => {
            control.count(|tally| &tally.cut);
            changed.ok().map(|()| *cuts.borrow())
        }
    };
    if end == Some(End::Reset) {
        client.reset_when_dropped();
    }
}

struct Exchange {
    control: Control,
    number: u64,
    protocol: Protocol,
    /// From here on the client is told nothing, and once the server has been ready so often, the connection is cut. 0: not so.
    swallow_at: AtomicU64,
}

impl Exchange {
    /// Passes both directions on. `Err` says how the connection is cut.
    async fn relay(&self, client: &mut Stream, server: &mut Stream, view: &View) -> Result<(), End> {
        let (mut from_client, mut to_client) = client.split();
        let (from_server, mut to_server) = server.split();
        if self.protocol == Protocol::Postgres {
            let start = read_start(&mut from_client, &mut to_client).await.map_err(|_| End::Close)?;
            to_server.write_all(&start).await.map_err(|_| End::Close)?;
        }
        let up = Way::new(self, Direction::Up, to_server, view);
        let down = Way::new(self, Direction::Down, to_client, view);
        tokio::try_join!(self.pass_up(from_client, up), self.pass_down(from_server, down)).map(|_| ())
    }

    async fn pass_up(&self, mut from: Reader<'_>, mut way: Way<'_>) -> Result<(), End> {
        let (mut frontend, mut chunk) = (Frontend::default(), vec![0; CHUNK_BYTES]);
        let mut is_new_request = true;
        loop {
            let came = read(&mut from, &mut chunk).await?;
            if came.is_empty() {
                return way.finish().await;
            }
            match self.protocol {
                Protocol::Tcp => {
                    let answered = self.swallow_at.load(Ordering::SeqCst) == ANSWERED;
                    if (is_new_request || answered) && way.draw.hits(way.view.faults().swallow) {
                        self.swallow_at.store(SWALLOW, Ordering::SeqCst);
                    } else if answered {
                        self.swallow_at.store(0, Ordering::SeqCst);
                    }
                    is_new_request = false;
                    way.pass(came).await?;
                }
                Protocol::Postgres => {
                    frontend.push(came);
                    self.pass_messages(&mut frontend, &mut way).await?;
                }
            }
        }
    }

    /// Passes whole messages on, as many at once as came, and decides about each COMMIT.
    async fn pass_messages(&self, frontend: &mut Frontend, way: &mut Way<'_>) -> Result<(), End> {
        let mut passing = Vec::new();
        while let Some(message) = frontend.next_message() {
            if message.is_commit {
                self.control.count(|tally| &tally.commits);
                let faults = way.view.faults();
                if way.draw.hits(faults.commit_cut) {
                    way.pass(&passing).await?;
                    self.control.count(|tally| &tally.commits_cut);
                    return Err(faults.end);
                }
                if way.draw.hits(faults.commit_hang) {
                    way.pass(&std::mem::take(&mut passing)).await?;
                    self.control.count(|tally| &tally.commits_hung);
                    way.view.wait_until(|faults| faults.commit_hang == Chance::NEVER).await;
                }
                if way.draw.hits(faults.commit_swallow) {
                    self.swallow_at.store(message.ready_after, Ordering::SeqCst);
                }
            }
            passing.extend(message.bytes);
        }
        way.pass(&passing).await
    }

    async fn pass_down(&self, mut from: Reader<'_>, mut way: Way<'_>) -> Result<(), End> {
        let (mut backend, mut chunk) = (Backend::default(), vec![0; CHUNK_BYTES]);
        loop {
            let came = read(&mut from, &mut chunk).await?;
            if came.is_empty() {
                return way.finish().await;
            }
            let swallow_at = self.swallow_at.load(Ordering::SeqCst);
            match self.protocol {
                Protocol::Tcp if swallow_at == SWALLOW => {
                    self.control.count(|tally| &tally.swallowed);
                    return Err(way.view.faults().end);
                }
                Protocol::Tcp => self.swallow_at.store(ANSWERED, Ordering::SeqCst),
                Protocol::Postgres => {
                    let ready = backend.push(came);
                    if swallow_at > 0 && ready >= swallow_at {
                        self.control.count(|tally| &tally.commits_swallowed);
                        return Err(way.view.faults().end);
                    }
                    if swallow_at > 0 {
                        continue;
                    }
                }
            }
            way.pass(came).await?;
        }
    }
}

/// For bytes that are not understood, `swallow_at` says whether the next answer is swallowed,
const SWALLOW: u64 = 1;
/// or whether the peer has answered, so that what the client says next is a new request.
const ANSWERED: u64 = 2;

/// One direction, and what happens to bytes on it.
struct Way<'a> {
    exchange: &'a Exchange,
    direction: Direction,
    to: Writer<'a>,
    view: View,
    draw: Draw,
    passed: u64,
}

impl<'a> Way<'a> {
    fn new(exchange: &'a Exchange, direction: Direction, to: Writer<'a>, view: &View) -> Self {
        let draw = exchange.control.draw(exchange.number, u64::from(direction == Direction::Down));
        Self { exchange, direction, to, view: view.clone(), draw, passed: 0 }
    }

    /// Passes bytes on, late, slowly, in part, or never.
    async fn pass(&mut self, bytes: &[u8]) -> Result<(), End> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.view.leave_black_hole().await;
        let faults = self.view.faults();
        self.wait(&faults).await;
        let cut = faults.cut.filter(|cut| cut.direction == self.direction);
        let left = cut.map(|cut| usize::try_from(cut.after_bytes.saturating_sub(self.passed)).unwrap_or(usize::MAX));
        match left.and_then(|left| bytes.get(..left)) {
            Some(last) => {
                self.write(last, &faults).await?;
                self.exchange.control.count(|tally| &tally.cut);
                Err(faults.end)
            }
            None => self.write(bytes, &faults).await,
        }
    }

    async fn wait(&mut self, faults: &Faults) {
        let jitter = u64::try_from(faults.jitter.as_micros()).unwrap_or(u64::MAX);
        let delay = faults.delay + Duration::from_micros(self.draw.below(jitter));
        if !delay.is_zero() {
            self.exchange.control.count(|tally| &tally.delayed);
            tokio::time::sleep(delay).await;
        }
    }

    async fn write(&mut self, bytes: &[u8], faults: &Faults) -> Result<(), End> {
        self.passed += u64::try_from(bytes.len()).unwrap_or(0);
        let Some(rate) = faults.bytes_per_second else {
            return self.to.write_all(bytes).await.map_err(|_| End::Close);
        };
        let piece = usize::try_from(rate.get() / THROTTLED_PIECES_A_SECOND).unwrap_or(usize::MAX).max(1);
        for piece in bytes.chunks(piece) {
            self.to.write_all(piece).await.map_err(|_| End::Close)?;
            let nanoseconds = u64::try_from(piece.len()).unwrap_or(0).saturating_mul(1_000_000_000) / rate;
            tokio::time::sleep(Duration::from_nanos(nanoseconds)).await;
        }
        Ok(())
    }

    /// One side has said all it had to say; the other may go on.
    async fn finish(&mut self) -> Result<(), End> {
        self.view.leave_black_hole().await;
        self.to.shutdown().await.map_err(|_| End::Close)
    }
}

async fn read<'c>(from: &mut Reader<'_>, chunk: &'c mut [u8]) -> Result<&'c [u8], End> {
    // A peer that resets its connection resets ours.
    let length = from.read(chunk).await.map_err(|_| End::Reset)?;
    Ok(chunk.get(..length).unwrap_or_default())
}

/// Reads the first packet of a PostgreSQL session. Before it a client may ask for encryption, and is told that there is none.
async fn read_start(from: &mut Reader<'_>, to: &mut Writer<'_>) -> io::Result<Vec<u8>> {
    loop {
        let word = from.read_u32().await?;
        let length = start_length(word).ok_or(io::ErrorKind::InvalidData)?;
        let mut packet = word.to_be_bytes().to_vec();
        packet.resize(length, 0);
        from.read_exact(packet.get_mut(4..).unwrap_or_default()).await?;
        let code = packet.get(4..).and_then(|rest| rest.first_chunk()).map_or(0, |code| u32::from_be_bytes(*code));
        if !asks_for_encryption(code) {
            return Ok(packet);
        }
        to.write_u8(NO_ENCRYPTION).await?;
    }
}
