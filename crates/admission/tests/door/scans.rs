//! A ticket comes in once.

use serde_json::json;

use crate::support::{first_list, house, log, nonce, qr, result, scan, text};

#[tokio::test]
async fn fifty_scans_of_one_ticket_at_once_admit_it_once() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Blue Harbour Jazz").await;
    let phones = [house.phone(&team, &show, "North").await, house.phone(&team, &show, "South").await];
    let order = house.order(&show, 0, &["Grace", "Edsger", "Barbara"]).await;
    for ticket in 0..3 {
        let code = if ticket == 2 { text(&order["tickets"][2]["code"]) } else { qr(&order, ticket) };
        let mut scans = tokio::task::JoinSet::new();
        for number in 0..50 {
            let (client, code) = (phones[number % 2].client.clone(), code.clone());
            let number = u128::try_from(ticket * 100 + number).unwrap();
            scans.spawn(async move { scan(&client, &code, number).await.expect(200) });
        }
        let answers = scans.join_all().await;
        let admitted: Vec<_> = answers.iter().filter(|answer| answer["result"] == "admitted").collect();
        let again: Vec<_> = answers.iter().filter(|answer| answer["result"] == "already_in").collect();
        assert_eq!((admitted.len(), again.len()), (1, 49));
        assert!(again.iter().all(|answer| answer["first_scan"]["at"] == admitted[0]["admitted_at"]));
        let device = text(&again[0]["first_scan"]["device"]);
        assert!(
            again.iter().all(|answer| answer["first_scan"]["device"] == device)
                && ["North", "South"].contains(&device.as_str())
        );
    }
    let status = phones[0].client.get("/api/v1/door/status").await.expect(200);
    assert_eq!((&status["admitted"], &status["total"], &status["last_10_minutes"]), (&json!(3), &json!(3), &json!(3)));
    house.app.check().await;
}

#[tokio::test]
async fn in_a_rush_every_scan_gets_its_own_answer() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Blue Harbour Jazz").await;
    let phones = [house.phone(&team, &show, "North").await, house.phone(&team, &show, "South").await];
    let names: Vec<String> = (0..10).map(|number| format!("Guest {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut scans = tokio::task::JoinSet::new();
    for round in 0..6_u128 {
        let order = house.order(&show, 0, &names).await;
        for ticket in 0..10_usize {
            let number = round * 100 + u128::try_from(ticket).unwrap();
            for (phone, number) in [(0, number), (1, number + 10)] {
                let (client, code) = (phones[phone].client.clone(), qr(&order, ticket));
                let holder = format!("Guest {ticket}");
                scans.spawn(async move { (holder, scan(&client, &code, number).await.expect(200)) });
            }
        }
        let (client, forged) = (phones[0].client.clone(), format!("{}A", qr(&order, 0)));
        scans.spawn(async move { (String::new(), scan(&client, &forged, round * 100 + 50).await.expect(200)) });
    }
    let answers = scans.join_all().await;
    for (holder, answer) in &answers {
        let ticket = &answer["ticket"]["holder_name"];
        assert!(holder.is_empty() || *ticket == json!(holder), "{holder}: {answer}");
    }
    let count = |word: &str| answers.iter().filter(|(_, answer)| answer["result"] == word).count();
    assert_eq!((count("admitted"), count("already_in"), count("forged")), (60, 60, 6));
    let status = phones[0].client.get("/api/v1/door/status").await.expect(200);
    assert_eq!(status["admitted"], json!(60));
    house.app.check().await;
}

#[tokio::test]
async fn a_scan_says_who_comes_and_until_when_it_can_be_taken_back() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Blue Harbour Jazz").await;
    let phone = house.phone(&team, &show, "North").await;
    let order = house.order(&show, 0, &["Grace"]).await;
    let body = json!({ "code": qr(&order, 0), "nonce": nonce(1), "scanned_at": "2026-12-01T09:59:58Z" });
    let answer = phone.client.post("/api/v1/door/scans", body).await.expect(200);
    let code = text(&order["code"]);
    let expected = json!({
        "result": "admitted",
        "ticket": { "holder_name": "Grace", "type": "Standing", "code": format!("{code}-1"), "order_code": code },
        "admitted_at": "2026-12-01T10:00:00Z",
        "first_scan": null,
        "undo_until": "2026-12-01T10:10:00Z",
    });
    assert_eq!(answer, expected);
    house.app.advance(60);
    let again = scan(&phone.client, &format!("{}-1", code.to_lowercase()), 2).await.expect(200);
    assert_eq!(again["result"], "already_in");
    assert_eq!(again["first_scan"], json!({ "at": "2026-12-01T10:00:00Z", "device": "North" }));
    assert_eq!((&again["admitted_at"], &again["undo_until"]), (&json!("2026-12-01T10:00:00Z"), &json!(null)));
    house.app.check().await;
}

#[tokio::test]
async fn the_same_scan_again_gets_its_first_answer() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Blue Harbour Jazz").await;
    let phone = house.phone(&team, &show, "North").await;
    let order = house.order(&show, 0, &["Grace", "Edsger"]).await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (client, code) = (phone.client.clone(), qr(&order, 0));
        tries.spawn(async move { scan(&client, &code, 1).await.expect(200) });
    }
    let answers = tries.join_all().await;
    assert!(answers.iter().all(|answer| answer["result"] == "admitted" && *answer == answers[0]), "{answers:?}");
    house.app.advance(30);
    let again = scan(&phone.client, &qr(&order, 0), 2).await.expect(200);
    assert_eq!(again["result"], "already_in");
    assert_eq!(scan(&phone.client, &qr(&order, 0), 2).await.expect(200), again);
    assert_eq!(scan(&phone.client, &qr(&order, 0), 1).await.expect(200), answers[0]);
    assert_eq!(log(&phone).await, ["already_in", "admitted"]);

    // The name of a scan is not another's.
    let reused = scan(&phone.client, &qr(&order, 1), 1).await;
    assert_eq!(reused.expect(422)["code"], "nonce_reused");
    let other = house.phone(&team, &show, "South").await;
    assert_eq!(scan(&other.client, &qr(&order, 0), 1).await.expect(422)["code"], "nonce_reused");
    assert_eq!(result(&phone.client, &qr(&order, 1), 3).await, "admitted");
    house.app.check().await;
}

#[tokio::test]
async fn a_member_scans_without_a_device_and_each_list_admits_for_itself() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Blue Harbour Jazz").await;
    let list = first_list(&team, &show).await;
    let made =
        team.manager.post(&format!("{}/check-in-lists", show.path), json!({ "name": "Backstage" })).await.expect(201);
    let backstage = text(&made["id"]);
    let order = house.order(&show, 0, &["Grace"]).await;
    for (number, (list, expected)) in
        [(&list, "admitted"), (&backstage, "admitted"), (&list, "already_in")].into_iter().enumerate()
    {
        let path = team.path(&format!("/check-in-lists/{list}/scans"));
        let body = json!({ "code": qr(&order, 0), "nonce": nonce(u128::try_from(number).unwrap()) });
        let answer = team.door.post(&path, body).await.expect(200);
        assert_eq!(answer["result"], expected);
        if expected == "already_in" {
            assert_eq!(answer["first_scan"]["device"], json!(null));
        }
    }
    let status = team.door.get(&team.path(&format!("/check-in-lists/{backstage}/status"))).await.expect(200);
    assert_eq!(
        (&status["list"]["name"], &status["device"], &status["admitted"]),
        (&json!("Backstage"), &json!(null), &json!(1))
    );
    house.app.check().await;
}
