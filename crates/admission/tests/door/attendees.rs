//! The attendees of an event with their check-in.

use admission::api::{admitted_of, attendee_check_ins};
use kernel::{EventId, OrganisationId, TicketId};
use platform::{Failure, Never, Scope, Tx};
use serde_json::{Value, json};

use crate::support::{house, qr, result, text};

fn names(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|attendee| text(&attendee["holder_name"])).collect()
}

async fn who_is_in(
    tx: &mut Tx,
    (organisation, event, tickets): (OrganisationId, EventId, Vec<TicketId>),
) -> Result<(Vec<TicketId>, Vec<TicketId>), Failure<Never>> {
    let all = admitted_of(tx, organisation, event).await?;
    let some = attendee_check_ins(tx, organisation, event, &tickets).await?;
    Ok((all.into_iter().collect(), some.into_keys().collect()))
}

#[tokio::test]
async fn attendees_are_listed_with_their_check_in() {
    let house = house().await;
    let team = house.team();
    let show = team.show("Tonight").await;
    let path = format!("{}/attendees", show.path);
    assert_eq!(team.viewer.get(&path).await.expect(200), json!({ "items": [], "next_cursor": null }));
    let phone = house.phone(&team, &show, "North").await;
    let order = house.order(&show, 0, &["Grace"]).await;
    house.app.advance(1);
    let later = house.order(&show, 1, &["Edsger"]).await;
    house.app.advance(1);
    let cancelled = house.order(&show, 1, &["Barbara"]).await;
    team.cancel(&show, &text(&cancelled["code"])).await;
    assert_eq!(result(&phone.client, &qr(&later, 0), 1).await, "admitted");

    let page = team.viewer.get(&path).await.expect(200);
    assert_eq!(names(&page), ["Barbara", "Edsger", "Grace"]);
    let code = text(&later["code"]);
    let expected = json!({
        "ticket_id": later["tickets"][0]["id"], "code": format!("{code}-1"), "holder_name": "Edsger", "ticket_type_id": show.types[1],
        "type": "Seated", "state": "valid", "order_code": code, "checked_in_at": "2026-12-01T10:00:02Z",
    });
    assert_eq!(page["items"][1], expected);
    assert_eq!((&page["items"][0]["state"], &page["items"][0]["checked_in_at"]), (&json!("cancelled"), &json!(null)));

    let first = team.viewer.get(&format!("{path}?limit=2")).await.expect(200);
    assert_eq!(names(&first), ["Barbara", "Edsger"]);
    let rest = team.viewer.get(&format!("{path}?limit=2&cursor={}", text(&first["next_cursor"]))).await.expect(200);
    assert_eq!((names(&rest), &rest["next_cursor"]), (vec!["Grace".to_owned()], &json!(null)));
    assert_eq!(names(&team.viewer.get(&format!("{path}?q=edsg")).await.expect(200)), ["Edsger"]);
    team.viewer.get(&format!("{path}?cursor=x")).await.expect(422);
    team.door.get(&path).await.expect(403);

    let ticket = |order: &Value| text(&order["tickets"][0]["id"]).parse::<TicketId>().unwrap();
    let event: EventId = show.path.rsplit_once('/').unwrap().1.parse().unwrap();
    let asked = (team.organisation, event, vec![ticket(&order), ticket(&later)]);
    let found =
        house.app.platform.db.read(Scope::Tenant(team.organisation), "who_is_in", asked, who_is_in).await.unwrap();
    assert_eq!(found, (vec![ticket(&later)], vec![ticket(&later)]));
    house.app.check().await;
}
