//! The operations, ready to be sent.

use std::io;

use anyhow::{Context, Result, ensure};

use super::connection::Connection;
use super::request::{BUYER, BUYER_BYTES, Sender, Template, write_number};
use super::response::{find, text_field};
use super::spec::{Operation, SEAT, Show, Spec};
use super::tally::Outcome;

/// An operation with everything that can be written beforehand.
#[derive(Debug)]
pub enum Prepared {
    /// A request of its own for each turn, in a circle.
    Circle {
        /// The requests.
        requests: Vec<Template>,
        /// The status of success.
        wanted: u16,
    },
    /// A hold, then its order.
    Pair {
        /// The requests for holds.
        holds: Vec<Template>,
        /// The `Host`.
        host: String,
    },
    /// A hold, then its end.
    Released {
        /// The requests for holds.
        holds: Vec<Template>,
        /// The `Host`.
        host: String,
    },
    /// Two seats for each turn.
    Seats {
        /// The halls.
        shows: Vec<Show>,
        /// Turns of each.
        orders_each: u64,
        /// The `Host`.
        host: String,
    },
    /// So many callers for each request, then for the next.
    Rush {
        /// The requests.
        requests: Vec<Template>,
        /// Callers of each.
        callers_each: u64,
    },
    /// Each code once.
    Scan {
        /// The `Host`.
        host: String,
        /// The device's token.
        token: String,
        /// The codes.
        codes: Vec<String>,
    },
}

/// What a turn came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Answered, with the last status and all bytes received.
    Ended(Outcome, u16, usize),
    /// There is nothing left to ask for.
    RanOut,
}

impl Prepared {
    /// Prepares what a specification asks for.
    ///
    /// # Errors
    /// When there is nothing to ask for, or the file of codes cannot be read.
    pub fn new(spec: &Spec) -> Result<Self> {
        let host = spec.address.to_string();
        let sender = Sender { host: &host, token: None };
        let prepared = match &spec.operation {
            Operation::Fetch { paths, accept_encoding } => Self::Circle {
                requests: paths.iter().map(|path| sender.get(path, accept_encoding.as_deref())).collect(),
                wanted: 200,
            },
            Operation::Order { shows, quantity } => Self::Circle {
                requests: shows.iter().map(|show| order(&sender, show, *quantity)).collect(),
                wanted: 201,
            },
            Operation::HoldThenOrder { shows, quantity } => {
                Self::Pair { holds: shows.iter().map(|show| hold(&sender, show, *quantity)).collect(), host }
            }
            Operation::HoldThenRelease { shows, quantity } => {
                Self::Released { holds: shows.iter().map(|show| hold(&sender, show, *quantity)).collect(), host }
            }
            Operation::NamedSeats { shows, orders_each } => {
                Self::Seats { shows: shows.clone(), orders_each: (*orders_each).max(1), host }
            }
            Operation::Rush { shows, callers_each, in_one_call, quantity } => {
                let ask = if *in_one_call { order } else { hold };
                let requests = shows.iter().map(|show| ask(&sender, show, *quantity)).collect();
                Self::Rush { requests, callers_each: (*callers_each).max(1) }
            }
            Operation::Scan { token, codes } => {
                let text =
                    std::fs::read_to_string(codes).with_context(|| format!("{} cannot be read", codes.display()))?;
                Self::Scan { host, token: token.clone(), codes: text.lines().map(str::to_owned).collect() }
            }
        };
        ensure!(prepared.count() > 0, "there is nothing to ask for");
        Ok(prepared)
    }

    fn count(&self) -> usize {
        match self {
            Self::Circle { requests, .. } | Self::Rush { requests, .. } => requests.len(),
            Self::Pair { holds, .. } | Self::Released { holds, .. } => holds.len(),
            Self::Seats { shows, .. } => shows.len(),
            Self::Scan { codes, .. } => codes.len(),
        }
    }

    /// Does the operation of a turn; turns count from 0, numbers are unique over all runs.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn perform(&self, connection: &mut Connection, turn: u64, number: u64) -> io::Result<Turn> {
        match self {
            Self::Circle { requests, wanted } => {
                let Some(request) = in_circle(requests, turn) else { return Ok(Turn::RanOut) };
                request.write(number, &mut connection.request);
                let (status, bytes) = connection.exchange().await?;
                Ok(Turn::Ended(outcome(connection, status, *wanted), status, bytes))
            }
            Self::Pair { holds, host } => {
                let Some(hold) = in_circle(holds, turn) else { return Ok(Turn::RanOut) };
                pair(hold, host, connection, number).await
            }
            Self::Released { holds, host } => {
                let Some(hold) = in_circle(holds, turn) else { return Ok(Turn::RanOut) };
                released(hold, host, connection, number).await
            }
            Self::Seats { shows, orders_each, host } => {
                let index = usize::try_from(turn / orders_each).unwrap_or(usize::MAX);
                let Some(show) = shows.get(index) else { return Ok(Turn::RanOut) };
                let sender = Sender { host, token: None };
                two_seats(&sender, show, turn % orders_each, &mut connection.request, number);
                let (status, bytes) = connection.exchange().await?;
                Ok(Turn::Ended(outcome(connection, status, 201), status, bytes))
            }
            Self::Rush { requests, callers_each } => {
                let index = usize::try_from(turn / callers_each).unwrap_or(usize::MAX);
                let Some(request) = requests.get(index) else { return Ok(Turn::RanOut) };
                request.write(number, &mut connection.request);
                let (status, bytes) = connection.exchange().await?;
                Ok(Turn::Ended(outcome(connection, status, 201), status, bytes))
            }
            Self::Scan { host, token, codes } => {
                let index = usize::try_from(turn).unwrap_or(usize::MAX);
                let Some(code) = codes.get(index) else { return Ok(Turn::RanOut) };
                scan(&Sender { host, token: Some(token) }, code, connection, number).await
            }
        }
    }
}

/// The request of a turn, in a circle; none when there is none at all.
fn in_circle(requests: &[Template], turn: u64) -> Option<&Template> {
    let count = u64::try_from(requests.len()).ok()?;
    requests.get(usize::try_from(turn.checked_rem(count)?).ok()?)
}

fn outcome(connection: &Connection, status: u16, wanted: u16) -> Outcome {
    if status == wanted {
        Outcome::Done
    } else if status == 409 && find(connection.body(), b"\"sold_out\"").is_some() {
        Outcome::Refused
    } else {
        Outcome::Failed
    }
}

fn lines(show: &Show, quantity: u32) -> String {
    format!(r#""lines":[{{"ticket_type_id":"{}","quantity":{quantity}}}]"#, show.ticket_type)
}

fn order(sender: &Sender<'_>, show: &Show, quantity: u32) -> Template {
    let before = format!("{{{},{}", lines(show, quantity), BUYER.0);
    sender.post(&format!("/api/v1/events/{}/orders", show.slug), &before, &format!("{}}}", BUYER.1))
}

fn hold(sender: &Sender<'_>, show: &Show, quantity: u32) -> Template {
    let body = format!("{{{}}}", lines(show, quantity));
    sender.post_unnumbered(&format!("/api/v1/events/{}/holds", show.slug), &body)
}

/// The order of the seats `2 * turn` and the next.
fn two_seats(sender: &Sender<'_>, show: &Show, turn: u64, request: &mut Vec<u8>, number: u64) {
    let before = format!(r#"{{"lines":[{{"ticket_type_id":"{}","quantity":2,"seats":["#, show.ticket_type);
    let seats = [2 * turn, 2 * turn + 1].map(seat_name);
    let between = format!(r#""{}","{}"]}}],"#, seats[0], seats[1]);
    let length = before.len() + between.len() + BUYER_BYTES + 1;
    sender.head_of_post(&format!("/api/v1/events/{}/orders", show.slug), length, request);
    for part in [before.as_str(), &between, BUYER.0] {
        request.extend(part.as_bytes());
    }
    write_number(number, request);
    request.extend(BUYER.1.as_bytes());
    request.push(b'}');
}

/// The name of a hall's seat.
pub fn seat_name(seat: impl std::fmt::Display) -> String {
    format!("{SEAT}{seat}")
}

/// A hold that was given: its id and its secret, and the bytes of the answer; else how the turn ended.
async fn held(
    hold: &Template,
    connection: &mut Connection,
    number: u64,
) -> io::Result<Result<(String, String, usize), Turn>> {
    hold.write(number, &mut connection.request);
    let (status, bytes) = connection.exchange().await?;
    let found = outcome(connection, status, 201);
    if found != Outcome::Done {
        return Ok(Err(Turn::Ended(found, status, bytes)));
    }
    let text = |name: &[u8]| Some(String::from_utf8_lossy(text_field(connection.body(), name)?).into_owned());
    Ok(match (text(br#""id":""#), text(br#""secret":""#)) {
        (Some(id), Some(secret)) => Ok((id, secret, bytes)),
        _ => Err(Turn::Ended(Outcome::Failed, status, bytes)),
    })
}

async fn released(hold: &Template, host: &str, connection: &mut Connection, number: u64) -> io::Result<Turn> {
    let (id, secret, bytes) = match held(hold, connection, number).await? {
        Ok(held) => held,
        Err(ended) => return Ok(ended),
    };
    let head = format!("DELETE /api/v1/holds/{id}?secret={secret} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    connection.request = head.into_bytes();
    let (status, more) = connection.exchange().await?;
    Ok(Turn::Ended(outcome(connection, status, 200), status, bytes + more))
}

async fn pair(hold: &Template, host: &str, connection: &mut Connection, number: u64) -> io::Result<Turn> {
    let (id, secret, bytes) = match held(hold, connection, number).await? {
        Ok(held) => held,
        Err(ended) => return Ok(ended),
    };
    let path = format!("/api/v1/holds/{id}/order");
    let mut request = Vec::with_capacity(512);
    let (before, between) = (r#"{"secret":""#, r#"","#);
    let length = before.len() + secret.len() + between.len() + BUYER_BYTES + 1;
    Sender { host, token: None }.head_of_post(&path, length, &mut request);
    for part in [before, &secret, between, BUYER.0] {
        request.extend(part.as_bytes());
    }
    write_number(number, &mut request);
    request.extend(BUYER.1.as_bytes());
    request.push(b'}');
    connection.request = request;
    let (status, more) = connection.exchange().await?;
    Ok(Turn::Ended(outcome(connection, status, 201), status, bytes + more))
}

async fn scan(sender: &Sender<'_>, code: &str, connection: &mut Connection, number: u64) -> io::Result<Turn> {
    // The number's digits are the last of a UUID, so that each scan has a nonce of its own.
    let (before, between, after) = (r#"{"code":""#, r#"","nonce":"00000000-0000-4000-8000-"#, r#""}"#);
    let length = before.len() + code.len() + between.len() + 12 + after.len();
    sender.head_of_post("/api/v1/door/scans", length, &mut connection.request);
    for part in [before, code, between] {
        connection.request.extend(part.as_bytes());
    }
    write_number(number, &mut connection.request);
    connection.request.extend(after.as_bytes());
    let (status, bytes) = connection.exchange().await?;
    let is_in = status == 200 && find(connection.body(), br#""result":"admitted""#).is_some();
    Ok(Turn::Ended(if is_in { Outcome::Done } else { Outcome::Failed }, status, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_of_seats_is_as_long_as_it_says_and_no_seat_comes_twice() {
        let show = Show { slug: "recital".into(), ticket_type: "typ_1".into() };
        let body = |turn| {
            let mut request = Vec::new();
            two_seats(&Sender { host: "h", token: None }, &show, turn, &mut request, 7);
            let text = String::from_utf8(request).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{head}");
            serde_json::from_str::<serde_json::Value>(body).unwrap()
        };
        assert_eq!(body(0)["lines"][0]["seats"], serde_json::json!(["s0", "s1"]));
        assert_eq!(body(12_345)["lines"][0]["seats"], serde_json::json!(["s24690", "s24691"]));
        assert_eq!(body(1)["buyer"]["email"], "buyer000000000007@example.org");
    }
}
