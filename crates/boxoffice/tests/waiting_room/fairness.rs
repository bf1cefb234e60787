//! The draw is fair, and anyone can check it.

use aws_lc_rs::{digest, hmac};
use boxoffice::waiting_room::join::{self, Ask};
use boxoffice::waiting_room::look;
use kernel::EventId;
use platform::Scope;
use serde_json::json;

use crate::support::sale;

#[tokio::test]
async fn the_draw_can_be_checked_by_anyone() {
    let sale = sale(1000).await;
    let armed = sale.arm(20).await;
    let promised = armed["seed_hash"].as_str().unwrap().to_owned();
    let people = sale.people(9).await;
    let draw_path = format!("/api/v1/events/{}/waiting-room/draw", sale.slug);
    sale.app.client.get(&draw_path).await.expect(404);
    assert!(sale.look().await["draw"].is_null());
    sale.wait(&people, 25).await;

    let line = sale.app.client.get(&draw_path).await.expect(200);
    let seed = unhex(line["draw"]["seed"].as_str().unwrap());
    assert_eq!(hex(digest::digest(&digest::SHA256, &seed).as_ref()), promised);
    let ids: Vec<&str> = line["items"].as_array().unwrap().iter().map(|item| item["entry"].as_str().unwrap()).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &seed);
    let mut again = ids.clone();
    again.sort_by_key(|id| hmac::sign(&key, id.as_bytes()).as_ref().to_vec());
    assert_eq!((ids.len(), &again), (9, &ids));
    let mut roll: Vec<String> = ids.iter().map(|id| format!("{id}\n")).collect();
    roll.sort_unstable();
    let hash = hex(digest::digest(&digest::SHA256, roll.concat().as_bytes()).as_ref());
    assert_eq!(line["draw"]["roll_hash"], json!(hash));
    // The promise and its keeping stand in the journal too.
    sale.app.check().await;
}

#[tokio::test]
async fn the_draw_in_the_database_is_uniform_over_200_runs() {
    const PEOPLE: usize = 10;
    let sale = sale(10).await;
    let event: EventId = sale.path.rsplit('/').next().unwrap().parse().unwrap();
    let scope = Scope::Tenant(sale.organisation);
    let db = &sale.app.platform.db;
    let mut counts = [[0_u32; PEOPLE]; PEOPLE];
    for run in 0..200_u8 {
        sale.arm(1).await;
        let asks: Vec<Ask> = (0..PEOPLE)
            .map(|number| {
                let mut browser_hash = [run; 32];
                browser_hash[0] = u8::try_from(number).unwrap();
                Ask { browser_hash, account: None }
            })
            .collect();
        let joined = db.write(scope, "join", (sale.organisation, event, asks), join::join).await.unwrap();
        let came: Vec<_> = joined.into_iter().map(|entry| entry.unwrap().id).collect();
        sale.tick().await;
        let line = db.read(scope, "drawn", (sale.organisation, event, 0), look::drawn).await.unwrap();
        assert_eq!(line.items.len(), PEOPLE);
        for (place, drawn) in line.items.iter().enumerate() {
            counts[came.iter().position(|id| *id == drawn.entry).unwrap()][place] += 1;
        }
        sale.steer("close").await.expect(200);
    }
    let expected = 20.0;
    let statistic: f64 = counts.iter().flatten().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    println!("chi-square over 200 draws of {PEOPLE} people in the database: {statistic:.1} with 81 degrees of freedom");
    // Mean 81, standard deviation 12.7: a fair draw is outside of this once in a million runs.
    assert!((32.0..155.0).contains(&statistic), "{statistic}");
}

#[tokio::test]
async fn bots_get_the_share_of_their_identities_and_no_more() {
    // Ninety of a hundred identities are one bot's, who came first and asks far more often than anyone.
    let sale = sale(1000).await;
    sale.arm_with(20, json!({"shoppers_min": 1, "shoppers_max": 1})).await.expect(200);
    let bots = sale.people(90).await;
    let people = sale.people(10).await;
    for bot in bots.iter().chain(&bots) {
        sale.join_again(bot).await.expect(201);
    }
    let everyone = [bots.clone(), people.clone()].concat();
    sale.wait(&everyone, 25).await;
    assert_eq!(sale.figures().await["drawn"], 100);
    let line = sale.app.client.get(&format!("/api/v1/events/{}/waiting-room/draw", sale.slug)).await.expect(200);
    let first_half = &line["items"].as_array().unwrap()[..50];
    let of_people = |entry: &str| people.iter().any(|person| person.token.starts_with(entry));
    let theirs = first_half.iter().filter(|item| of_people(item["entry"].as_str().unwrap())).count();
    println!("{theirs} of the 10 people among the first 50 of 100");
    // Five are expected; none at all happens once in 1,700 fair draws, and never to someone who comes late in a line.
    assert!(theirs >= 1);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}
