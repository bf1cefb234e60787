//! Members, their roles, and what each role may do.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_do_what_the_table_says() {
    let app = app().await;
    let owner = person(&app, "owner@example.org").await;
    let path = organisation(&owner, "Blue Harbour").await;
    let mut people = vec![("owner", owner)];
    for role in ["manager", "box_office", "door", "viewer"] {
        let member = join(&app, &people[0].1, &path, &format!("{role}@example.org"), role).await;
        people.push((role, member));
    }
    let nobody = "acc_01h455vb4pex5vsknk084sn02q";
    let nothing = json!(null);
    let key = json!({ "name": "k", "scopes": ["view_orders"] });
    // (method, path, body, status for: owner, manager, box office, door, viewer)
    let table: [(Method, String, Value, [u16; 5]); 12] = [
        (Method::GET, String::new(), nothing.clone(), [200, 200, 200, 200, 200]),
        (Method::PATCH, String::new(), json!({}), [200, 200, 403, 403, 403]),
        (Method::GET, "/members".into(), nothing.clone(), [200, 200, 403, 403, 403]),
        (Method::PATCH, format!("/members/{nobody}"), json!({ "role": "viewer" }), [404, 404, 403, 403, 403]),
        (Method::DELETE, format!("/members/{nobody}"), nothing.clone(), [404, 404, 403, 403, 403]),
        (Method::GET, "/invitations".into(), nothing.clone(), [200, 200, 403, 403, 403]),
        (
            Method::POST,
            "/invitations".into(),
            json!({ "email": "x@example.org", "role": "door" }),
            [201, 201, 403, 403, 403],
        ),
        (
            Method::POST,
            "/invitations".into(),
            json!({ "email": "y@example.org", "role": "owner" }),
            [201, 403, 403, 403, 403],
        ),
        (
            Method::DELETE,
            "/invitations/inv_01h455vb4pex5vsknk084sn02q".into(),
            nothing.clone(),
            [404, 404, 403, 403, 403],
        ),
        (Method::GET, "/api-keys".into(), nothing.clone(), [200, 403, 403, 403, 403]),
        (Method::POST, "/api-keys".into(), key, [201, 403, 403, 403, 403]),
        (Method::DELETE, "/api-keys/key_01h455vb4pex5vsknk084sn02q".into(), nothing.clone(), [404, 403, 403, 403, 403]),
    ];
    for (method, suffix, body, expected) in table {
        let mut statuses = Vec::new();
        for (_, person) in &people {
            let request = person.client.request(method.clone(), &format!("{path}{suffix}"));
            let request = if body.is_null() { request } else { request.json(&body) };
            statuses.push(person.client.send(request).await.status.as_u16());
        }
        assert_eq!(statuses, expected, "{method} {suffix}");
    }
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_stays_and_only_owners_touch_owners() {
    let app = app().await;
    let owner = person(&app, "owner@example.org").await;
    let path = organisation(&owner, "Blue Harbour").await;
    let manager = join(&app, &owner, &path, "manager@example.org", "manager").await;
    let of = |person: &Person| format!("{path}/members/{}", person.id);
    let role = |role: &str| json!({ "role": role });

    assert_eq!(code(&owner.client.delete(&of(&owner)).await, 409), "last_owner");
    assert_eq!(code(&patch(&owner.client, &of(&owner), role("viewer")).await, 409), "last_owner");
    assert_eq!(code(&manager.client.delete(&of(&owner)).await, 403), "owners_only");
    assert_eq!(code(&patch(&manager.client, &of(&owner), role("viewer")).await, 403), "owners_only");
    assert_eq!(code(&patch(&manager.client, &of(&manager), role("owner")).await, 403), "owners_only");

    let made = patch(&owner.client, &of(&manager), role("owner")).await.expect(200);
    assert_eq!((&made["role"], &made["email"]), (&json!("owner"), &json!("manager@example.org")));
    owner.client.delete(&of(&owner)).await.expect(204);
    // A role is looked up each time: it is gone at once.
    assert_eq!(code(&owner.client.get(&path).await, 404), "not_found");
    assert_eq!(code(&manager.client.delete(&of(&manager)).await, 409), "last_owner");
    let listed = manager.client.get(&format!("{path}/members")).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_who_remove_each_other_at_once_leave_one() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let path = organisation(&ada, "Blue Harbour").await;
    let eve = join(&app, &ada, &path, "eve@example.org", "owner").await;
    let (adas, eves) = (format!("{path}/members/{}", ada.id), format!("{path}/members/{}", eve.id));
    let (one, two) = futures_util::future::join(ada.client.delete(&eves), eve.client.delete(&adas)).await;
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert!(statuses == [204, 409] || statuses == [204, 404], "{statuses:?}");
    let pool = app.database.superuser().await;
    let owners: i64 =
        sqlx::query_scalar("select count(*) from identity.member where role = 'owner'").fetch_one(&pool).await.unwrap();
    assert_eq!(owners, 1);
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_listed_in_pages() {
    let app = app().await;
    let owner = person(&app, "owner@example.org").await;
    let path = organisation(&owner, "Blue Harbour").await;
    join(&app, &owner, &path, "door@example.org", "door").await;
    app.advance(1);
    join(&app, &owner, &path, "viewer@example.org", "viewer").await;
    let first = owner.client.get(&format!("{path}/members?limit=2")).await.expect(200);
    let cursor = text(&first["next_cursor"]);
    let second = owner.client.get(&format!("{path}/members?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((first["items"].as_array().unwrap().len(), second["items"].as_array().unwrap().len()), (2, 1));
    assert_eq!(second["next_cursor"], json!(null));
    assert_eq!(first["items"][0]["email"], "viewer@example.org");
}
