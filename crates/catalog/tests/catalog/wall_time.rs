//! The instant, the wall time and the zone, as we and PostgreSQL compute them.
//!
//! In a daylight-saving gap both take the offset before it. Of two equal wall times PostgreSQL's `at time zone` means the second; we mean
//! the first, as RFC 5545 section 3.3.5 says, because calendar files carry the wall time and calendars read them by that rule. So the
//! invariant is: the earliest instant whose wall time is the promised one, and where there is none, what PostgreSQL says.

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};
use kernel::{WallClock, ZoneName};
use serde_json::{Value, json};

use crate::support::{House, house};

const ZONES: [&str; 12] = [
    "Europe/Amsterdam",
    "Europe/Dublin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "America/St_Johns",
    "UTC",
];

/// Invariant I-34 in SQL: what an instant must be.
const PROMISED: &str = "select min(t) from generate_series((w.local at time zone w.zone) - interval '3 hours', w.local at time zone w.zone, interval '15 minutes') t
                        where t at time zone w.zone = w.local or t = w.local at time zone w.zone";

/// Wall times around every change of clocks in some years, a quarter of an hour apart.
fn wall_times(zone: &str) -> Vec<DateTime> {
    let rules = ZoneName::parse(zone).unwrap().rules();
    let (first, last): (Timestamp, Timestamp) =
        ("2026-01-01T00:00Z".parse().unwrap(), "2030-12-31T00:00Z".parse().unwrap());
    let around = |at: Timestamp| {
        let middle = rules.to_datetime(at);
        (-16..=16).map(move |quarters| middle.saturating_add((quarters * 15).minutes()))
    };
    let mut times: Vec<DateTime> = rules
        .following(first)
        .take_while(|change| change.timestamp() < last)
        .flat_map(|change| around(change.timestamp()))
        .collect();
    times.push("2027-03-12T19:00".parse().unwrap());
    times
}

#[tokio::test]
async fn our_instants_are_what_the_invariant_says() {
    let house = house().await;
    let database = house.app.database.superuser().await;
    let (mut locals, mut zones, mut instants) = (Vec::new(), Vec::new(), Vec::new());
    for zone in ZONES {
        for local in wall_times(zone) {
            let clock = WallClock { local, zone: ZoneName::parse(zone).unwrap() };
            locals.push(local.to_string());
            zones.push(zone.to_owned());
            instants.push(clock.instant().unwrap().to_string());
        }
    }
    assert!(locals.len() > 2_000, "there are changes of clocks among them: {}", locals.len());
    let differ = format!(
        "select w.local::text || ' ' || w.zone || ' ' || w.ours::text
         from unnest($1::text[]::timestamp[], $2::text[], $3::text[]::timestamptz[]) as w (local, zone, ours)
         where w.ours <> ({PROMISED})"
    );
    let wrong: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(differ))
        .bind(&locals)
        .bind(&zones)
        .bind(&instants)
        .fetch_all(&database)
        .await
        .unwrap();
    assert_eq!(wrong, Vec::<String>::new());

    // The same check sees an instant that is an hour off, and PostgreSQL's own choice of two equal wall times.
    let control = format!(
        "select count(*) from (values ('2027-03-12 19:00'::timestamp, 'Europe/Amsterdam', '2027-03-12 19:00Z'::timestamptz),
                                      ('2027-10-31 02:30'::timestamp, 'Europe/Amsterdam', '2027-10-31 01:30Z'::timestamptz)) as w (local, zone, ours)
         where w.ours <> ({PROMISED})"
    );
    let seen: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(control)).fetch_one(&database).await.unwrap();
    assert_eq!(seen, 2);
    database.close().await;
}

async fn times_of(house: &House, changes: Value) -> (String, String) {
    let team = house.team(changes["slug"].as_str().unwrap()).await;
    let event = team.create(changes).await;
    (event["starts_at"].as_str().unwrap().to_owned(), event["ends_at"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn events_around_a_change_of_clocks_are_stored_as_promised() {
    let house = house().await;
    let gap = json!({ "slug": "gap", "starts_local": "2027-03-28T02:30", "ends_local": "2027-03-28T05:00" });
    assert_eq!(times_of(&house, gap).await, ("2027-03-28T01:30:00Z".to_owned(), "2027-03-28T03:00:00Z".to_owned()));
    let overlap = json!({ "slug": "overlap", "starts_local": "2027-10-31T02:30", "ends_local": "2027-10-31T05:00" });
    assert_eq!(times_of(&house, overlap).await, ("2027-10-31T00:30:00Z".to_owned(), "2027-10-31T04:00:00Z".to_owned()));
    let database = house.app.database.superuser().await;
    let wrong = format!(
        "select count(*) from (select starts_local as local, zone, starts_at as ours from catalog.event) as w where w.ours <> ({PROMISED})"
    );
    assert_eq!(sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(wrong)).fetch_one(&database).await.unwrap(), 0);
    database.close().await;
}
