//! Founding, showing and editing organisations.

use kernel::{AccountId, OrganisationId};
use platform::{Failure, Never, Scope, Tx};
use serde_json::{Value, json};
use sqlx::Row;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_founds_an_organisation_owns_it() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let body = json!({ "name": "Blue Harbour", "currency": "EUR", "time_zone": "europe/amsterdam" });
    let answer = ada.client.post("/api/v1/organisations", body).await;
    let made = answer.expect(201);
    assert_eq!(
        made,
        json!({
            "id": made["id"], "slug": "blue-harbour", "name": "Blue Harbour", "contact_email": "ada@example.org",
            "currency": "EUR", "time_zone": "Europe/Amsterdam", "created_at": "2026-12-01T10:00:00Z", "role": "owner",
        })
    );
    let path = format!("/api/v1/organisations/{}", text(&made["id"]));
    assert_eq!(answer.header("location"), path);
    let shown = ada.client.get(&path).await;
    assert_eq!((shown.header("etag"), shown.expect(200)), ("\"1\"", made.clone()));
    let me = ada.client.get("/api/v1/me").await.expect(200);
    let membership = json!({ "id": made["id"], "slug": "blue-harbour", "name": "Blue Harbour", "role": "owner" });
    assert_eq!(me["organisations"], json!([membership]));
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_organisations_are_single_and_not_turnouts_own() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let found = async |body: Value| ada.client.post("/api/v1/organisations", body).await;
    let named = |name: &str| json!({ "name": name, "currency": "EUR", "time_zone": "Europe/Amsterdam" });
    let with = |slug: &str| json!({ "name": "X", "slug": slug, "currency": "EUR", "time_zone": "Europe/Amsterdam" });
    assert_eq!(found(named("Jazz Club")).await.expect(201)["slug"], "jazz-club");
    let second = text(&found(named("Jazz Club")).await.expect(201)["slug"]);
    assert!(second.starts_with("jazz-club-") && second.len() == "jazz-club-".len() + 5, "{second}");
    let reserved = text(&found(named("Admin")).await.expect(201)["slug"]);
    assert!(reserved.starts_with("admin-"), "{reserved}");
    let taken = found(with("jazz-club")).await;
    assert_eq!(
        (code(&taken, 409), taken.json()["errors"][0]["field"].clone()),
        ("slug_taken".to_owned(), json!("slug"))
    );
    for slug in ["admin", "api", "Jazz", "a", "jazz--club"] {
        assert_eq!(code(&found(with(slug)).await, 422), "invalid_fields", "{slug}");
    }
    for (field, value) in [("currency", "EURO"), ("time_zone", "Mars/Olympus"), ("name", " "), ("owner", "x")] {
        let mut body = named("Y");
        body[field] = json!(value);
        assert_eq!(code(&found(body).await, 422), "invalid_fields", "{field}");
    }
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_are_versioned_and_told_to_the_journal() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    let (path, other) = (organisation(&ada, "Blue Harbour").await, organisation(&ada, "Red Harbour").await);
    let edited = ada.client.patch(&path, 1, json!({ "name": "Blue Harbor", "contact_email": "hi@example.org" })).await;
    assert_eq!(edited.header("etag"), "\"2\"");
    assert_eq!(edited.expect(200)["contact_email"], "hi@example.org");
    assert_eq!(code(&ada.client.patch(&path, 1, json!({ "name": "Late" })).await, 412), "stale");
    // Without a version the last edit wins; an edit that changes nothing is none.
    assert_eq!(patch(&ada.client, &path, json!({ "name": "Blue Harbor" })).await.header("etag"), "\"2\"");
    let taken = patch(&ada.client, &other, json!({ "slug": "blue-harbour" })).await;
    assert_eq!(code(&taken, 409), "slug_taken");

    let pool = app.database.superuser().await;
    let rows = sqlx::query(
        "select kind, payload->'profile'->>'name' as name, actor from platform.journal
         where aggregate_kind = 'organisation' and payload->'profile'->>'slug' = 'blue-harbour' order by position",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let told: Vec<(String, String, String)> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let entry = |kind: &str, name: &str| (kind.to_owned(), name.to_owned(), ada.id.clone());
    assert_eq!(
        told,
        [entry("identity.organisation_created", "Blue Harbour"), entry("identity.organisation_edited", "Blue Harbor")]
    );
    app.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_organisation_looks_like_a_missing_one() {
    let app = app().await;
    let (ada, eve) = (person(&app, "ada@example.org").await, person(&app, "eve@example.org").await);
    let path = organisation(&ada, "Blue Harbour").await;
    organisation(&eve, "Red Harbour").await;
    let missing = "/api/v1/organisations/org_01h455vb4pex5vsknk084sn02q";
    for suffix in ["", "/members", "/invitations", "/api-keys"] {
        for client in [&eve.client] {
            let mut foreign = client.get(&format!("{path}{suffix}")).await.expect(404);
            let mut absent = client.get(&format!("{missing}{suffix}")).await.expect(404);
            (foreign["trace_id"], absent["trace_id"]) = (json!(""), json!(""));
            assert_eq!(foreign, absent, "{suffix}");
        }
        app.client.get(&format!("{path}{suffix}")).await.expect(401);
    }
    assert_eq!(code(&patch(&eve.client, &path, json!({ "name": "Mine" })).await, 404), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_repeated_with_its_key_founds_one_organisation() {
    let app = app().await;
    let ada = person(&app, "ada@example.org").await;
    // Long enough that the request also writes down that the session is in use, which must not count as its effect.
    app.advance(400);
    let body = json!({ "name": "Blue Harbour", "currency": "EUR", "time_zone": "Europe/Amsterdam" });
    let send = async || {
        let request = ada.client.request(reqwest::Method::POST, "/api/v1/organisations").json(&body);
        ada.client.send(request.header("Idempotency-Key", "found-1")).await.expect(201)
    };
    assert_eq!(send().await, send().await);
    let me = ada.client.get("/api/v1/me").await.expect(200);
    assert_eq!(me["organisations"].as_array().unwrap().len(), 1);
    app.check().await;
}

/// Rows of organisation, member, invitation and key that a transaction sees.
async fn seen(tx: &mut Tx, (): ()) -> Result<[i64; 4], Failure<Never>> {
    let mut counts = [0; 4];
    for (count, table) in counts.iter_mut().zip(["organisation", "member", "invitation", "api_key"]) {
        let query = format!("select count(*) from identity.{table}");
        *count = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(tx.conn()).await?;
    }
    Ok(counts)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_shows_a_transaction_its_own_tenant_only() {
    let app = app().await;
    let (ada, eve) = (person(&app, "ada@example.org").await, person(&app, "eve@example.org").await);
    let mut ids: Vec<OrganisationId> = Vec::new();
    for (owner, name) in [(&ada, "Blue Harbour"), (&eve, "Red Harbour")] {
        let path = organisation(owner, name).await;
        let invitation = json!({ "email": "x@example.org", "role": "door" });
        owner.client.post(&format!("{path}/invitations"), invitation).await.expect(201);
        let key = json!({ "name": "k", "scopes": ["view_orders"] });
        owner.client.post(&format!("{path}/api-keys"), key).await.expect(201);
        ids.push(path.rsplit('/').next().unwrap().parse().unwrap());
    }
    let account: AccountId = ada.id.parse().unwrap();
    for (scope, expected) in [
        (Scope::Tenant(ids[0]), [1, 1, 1, 1]),
        (Scope::Nobody, [0, 0, 0, 0]),
        (Scope::Public, [2, 0, 0, 0]),
        (Scope::System, [2, 0, 0, 0]),
        (Scope::Account(account), [2, 1, 0, 0]),
    ] {
        assert_eq!(app.platform.db.read(scope, "count", (), seen).await.unwrap(), expected, "{scope:?}");
    }
}
