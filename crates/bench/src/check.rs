//! After each window: was anything sold twice, and is everything there that was acknowledged?

use anyhow::{Context, Result, bail, ensure};
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{Row, query};

use crate::load::spec::{Report, Show};

const OVERSELL: &str = include_str!("sql/oversell.sql");
const SEATS: &str = include_str!("sql/seats.sql");
const ADMITTED: &str = include_str!("sql/admitted.sql");
const BASELINE: &str = include_str!("sql/baseline_check.sql");

/// What a pool says of itself, and what everything else says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    slug: String,
    capacity: i64,
    held: i64,
    sold: i64,
    version: i64,
    tickets: i64,
    orders: i64,
    ordered: i64,
    kept: i64,
    lines: i64,
    first: i64,
    last: i64,
    written: (i64, i64, i64),
}

/// What must be true after a window.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The events sold.
    pub shows: &'a [Show],
    /// Orders they had before.
    pub orders_before: u64,
    /// What the generator knows.
    pub report: &'a Report,
}

/// Checks the pools of some events; answers how many paid orders they have in all.
///
/// # Errors
/// Everything that does not add up, in words.
pub async fn sales(database: &PgPool, claim: &Claim<'_>) -> Result<u64> {
    let pools = pools(database, claim.shows).await?;
    ensure!(pools.len() == claim.shows.len(), "{} pools instead of {}", pools.len(), claim.shows.len());
    let wrong: Vec<String> = pools.iter().flat_map(Pool::wrong).collect();
    if !wrong.is_empty() {
        bail!("OVERSELL CHECK FAILED:\n  {}", wrong.join("\n  "));
    }
    let orders = u64::try_from(pools.iter().map(|pool| pool.orders).sum::<i64>())?;
    let new = orders.checked_sub(claim.orders_before).context("OVERSELL CHECK FAILED: orders disappeared")?;
    let known = claim.report.done_in_all..=claim.report.done_in_all + claim.report.unknown_in_all;
    ensure!(
        known.contains(&new),
        "OVERSELL CHECK FAILED: {new} new orders, but {} were acknowledged and {} have no known outcome",
        claim.report.done_in_all,
        claim.report.unknown_in_all
    );
    Ok(orders)
}

/// Checks a rush: every show that had all its callers is sold out to the last place, and no further.
///
/// # Errors
/// As [`sales`]; and when places were left although enough callers came.
pub async fn rush(database: &PgPool, shows: &[Show], report: &Report, callers_each: u64) -> Result<()> {
    let pools = pools(database, shows).await?;
    let wrong: Vec<String> = pools.iter().flat_map(Pool::wrong).collect();
    if !wrong.is_empty() {
        bail!("OVERSELL CHECK FAILED:\n  {}", wrong.join("\n  "));
    }
    let complete = usize::try_from(report.numbers.saturating_sub(report.unknown_in_all) / callers_each.max(1))?;
    for show in shows.iter().take(complete) {
        let pool = pools.iter().find(|pool| pool.slug == show.slug).context("a show has no pool")?;
        ensure!(
            pool.sold + pool.held == pool.capacity,
            "CHECK FAILED: {} had {callers_each} callers for {} places and gave only {}",
            pool.slug,
            pool.capacity,
            pool.sold + pool.held
        );
    }
    let taken = u64::try_from(pools.iter().map(|pool| pool.sold + pool.held).sum::<i64>())?;
    ensure!(
        (report.done_in_all..=report.done_in_all + report.unknown_in_all).contains(&taken),
        "OVERSELL CHECK FAILED: {taken} places taken, {} acknowledged",
        report.done_in_all
    );
    Ok(())
}

/// Checks the seats of some events: each valid ticket has one of its own, and the status says so of exactly these.
///
/// # Errors
/// When they do not.
pub async fn seats(database: &PgPool, shows: &[Show]) -> Result<()> {
    let slugs: Vec<String> = shows.iter().map(|show| show.slug.clone()).collect();
    for row in query(SEATS).bind(slugs).fetch_all(database).await? {
        let number = |name: &str| row.try_get::<i64, _>(name);
        let (tickets, seats) = (number("tickets")?, number("seats")?);
        let (sold, held, taken) = (number("sold")?, number("held")?, number("taken")?);
        ensure!(
            tickets == seats && tickets == sold && taken == sold + held,
            "OVERSELL CHECK FAILED: {tickets} tickets on {seats} seats, {sold} places sold, {held} held, {taken} seats taken"
        );
    }
    Ok(())
}

/// Checks that scans and admissions agree; answers how many tickets of an event are in.
///
/// # Errors
/// When they do not, or acknowledged scans are missing.
pub async fn admissions(database: &PgPool, show: &Show, before: u64, report: &Report) -> Result<u64> {
    let row = query(ADMITTED).bind([show.slug.clone()]).fetch_one(database).await?;
    let (admitted, scans): (i64, i64) = (row.try_get("admitted")?, row.try_get("scans")?);
    ensure!(admitted == scans, "CHECK FAILED: {admitted} tickets are in, {scans} scans say so");
    let admitted = u64::try_from(admitted)?;
    let new = admitted.saturating_sub(before);
    ensure!(
        (report.done_in_all..=report.done_in_all + report.unknown_in_all).contains(&new),
        "CHECK FAILED: {new} tickets came in, {} were acknowledged",
        report.done_in_all
    );
    Ok(admitted)
}

/// Checks the baseline's own books.
///
/// # Errors
/// When they do not add up.
pub async fn baseline(database: &PgPool) -> Result<()> {
    let row = query(BASELINE).fetch_one(database).await?;
    let number = |name: &str| row.try_get::<i64, _>(name);
    let (sold, orders) = (number("sold")?, number("orders")?);
    let (tickets, quantity, outbox) = (number("tickets")?, number("quantity")?, number("outbox")?);
    ensure!(
        sold == tickets && sold == quantity && sold == 2 * orders && outbox == orders,
        "OVERSELL CHECK FAILED in the baseline: {sold} sold, {tickets} tickets, {quantity} ordered, {orders} orders, {outbox} in the outbox"
    );
    Ok(())
}

async fn pools(database: &PgPool, shows: &[Show]) -> Result<Vec<Pool>> {
    let slugs: Vec<String> = shows.iter().map(|show| show.slug.clone()).collect();
    let rows = query(OVERSELL).bind(slugs).fetch_all(database).await?;
    rows.iter().map(Pool::read).collect()
}

impl Pool {
    fn read(row: &PgRow) -> Result<Self> {
        let number = |name: &str| row.try_get::<i64, _>(name);
        Ok(Self {
            slug: row.try_get("slug")?,
            capacity: number("capacity")?,
            held: number("held")?,
            sold: number("sold")?,
            version: number("version")?,
            tickets: number("tickets")?,
            orders: number("orders")?,
            ordered: number("ordered")?,
            kept: number("kept")?,
            lines: number("lines")?,
            first: number("first")?,
            last: number("last")?,
            written: (number("written_capacity")?, number("written_held")?, number("written_sold")?),
        })
    }

    /// What does not add up.
    fn wrong(&self) -> Vec<String> {
        let promises = [
            (
                self.held >= 0 && self.sold >= 0 && self.held + self.sold <= self.capacity,
                "more given away than there is",
            ),
            (self.sold == self.tickets, "sold differs from the valid tickets"),
            (self.sold == self.ordered, "sold differs from what paid orders ordered"),
            (self.held == self.kept, "held differs from the live holds"),
            (self.first == 1 && self.lines == self.last, "the journal has a gap"),
            (self.last == self.version, "the journal ends at another version"),
            (self.written == (self.capacity, self.held, self.sold), "the journal adds up to other numbers"),
        ];
        let broken = promises.iter().filter(|(is_kept, _)| !is_kept);
        broken.map(|(_, promise)| format!("{}: {promise}: {self:?}", self.slug)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> Pool {
        Pool {
            slug: "jazz".into(),
            capacity: 10,
            held: 2,
            sold: 4,
            version: 4,
            tickets: 4,
            orders: 2,
            ordered: 4,
            kept: 2,
            lines: 4,
            first: 1,
            last: 4,
            written: (10, 2, 4),
        }
    }

    #[test]
    fn each_promise_is_noticed_when_it_is_broken() {
        assert_eq!(sound().wrong(), Vec::<String>::new());
        type Break = (fn(&mut Pool), &'static str);
        let breaks: [Break; 7] = [
            (|pool| (pool.capacity, pool.written.0) = (5, 5), "more given away"),
            (|pool| pool.tickets = 5, "valid tickets"),
            (|pool| pool.ordered = 3, "paid orders"),
            (|pool| pool.kept = 1, "live holds"),
            (|pool| pool.lines = 3, "gap"),
            (|pool| pool.version = 5, "another version"),
            (|pool| pool.written.2 = 6, "other numbers"),
        ];
        for (change, word) in breaks {
            let mut pool = sound();
            change(&mut pool);
            let wrong = pool.wrong();
            assert!(wrong.len() == 1 && wrong[0].contains(word), "{word}: {wrong:?}");
        }
    }
}
