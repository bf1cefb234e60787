//! A whole sale with five hundred people: everyone gets their turn once, nothing is sold twice, few come in in vain.

use serde_json::json;

use crate::support::sale;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_of_sixty_places_to_five_hundred_people() {
    let sale = sale(60).await;
    sale.arm_with(5, json!({"shoppers_min": 20, "shoppers_max": 50})).await.expect(200);
    // One address may have 256 connections, so they come by the hundred.
    let mut people = Vec::new();
    for _ in 0..5 {
        people.extend(futures_util::future::join_all((0..100).map(|_| sale.join())).await);
    }
    sale.app.advance(5);
    let (mut sold, mut bought, mut in_vain) = (0, 0, 0);
    let mut is_done = vec![false; people.len()];
    let mut seconds = 0;
    while sold < 60 {
        assert!(seconds < 900, "{sold} places sold after {seconds} seconds");
        sale.tick().await;
        seconds += 1;
        for (at, person) in people.iter().enumerate() {
            if is_done[at] {
                continue;
            }
            let place = sale.place(person).await;
            let Some(token) = place["admission"]["token"].as_str() else { continue };
            is_done[at] = true;
            // One in three only looks.
            if at % 3 == 0 {
                continue;
            }
            if sold >= 60 {
                in_vain += 1;
                continue;
            }
            let places = i64::from(60 - sold >= 2) + 1;
            let hold = sale.hold(person, token, places).await.expect(201);
            sale.order(&hold, &format!("ada{at}@example.org")).await.expect(201);
            (sold, bought) = (sold + places, bought + 1);
        }
        sale.write_presence(&sale.app.platform).await;
    }
    sale.ticks(2).await;
    let figures = sale.figures().await;
    println!("{sold} places to {bought} people in {seconds} s, {in_vain} in vain; {figures}");
    assert_eq!((figures["bought"].as_i64(), figures["is_sold_out"].as_bool()), (Some(bought), Some(true)));
    assert_eq!(figures["left"], 0);
    assert!(figures["admitted"].as_i64().unwrap() < 150, "{figures}");
    assert!(figures["waiting"].as_i64().unwrap() > 350, "{figures}");
    sale.app.check().await;
}
