//! The invariants can fail: each planted violation is found by the one that should find it.

mod support;

use support::{found, hold, order, press, start};

/// What a bug would leave behind, and the invariant that must see it.
const PLANTED: &[(&str, &str)] = &[
    ("I-01", "alter table boxoffice.pool drop constraint pool_never_oversells; update boxoffice.pool set sold = capacity + 1"),
    ("I-02", "update boxoffice.pool set version = version + 1"),
    ("I-03", "alter table boxoffice.pool_journal disable trigger all; delete from boxoffice.pool_journal where version = 2"),
    ("I-05", "update boxoffice.ticket set state = 'cancelled', cancelled_at = now() where false; update boxoffice.orders set state = 'cancelled' where total > 0"),
    ("I-05b", "alter table boxoffice.ticket disable trigger all; delete from admission.admitted; delete from boxoffice.ticket"),
    ("I-05c", "update boxoffice.orders set state = 'expired', paid_at = null"),
    ("I-07", "update boxoffice.orders set payment_id = null where total > 0"),
    ("I-08", "update boxoffice.orders set total = total + 1"),
    ("I-09", "insert into payments.refund (organisation_id, id, payment_id, amount, currency, reason, state, created_at)
              select organisation_id, gen_random_uuid(), id, amount + 1, currency, 'bug', 'requested', now() from payments.payment"),
    ("I-12", "update boxoffice.orders set currency = 'USD'"),
    ("I-13", "update boxoffice.ticket set price = price + 1"),
    ("I-22", "insert into payments.webhook_inbox (provider, event_id, payload, received_at) values ('test', 'lost', '{}', now() - interval '1 hour')"),
    ("I-27", "alter table boxoffice.orders disable trigger all; alter table catalog.event disable trigger all;
              update catalog.event set organisation_id = gen_random_uuid(), cover_id = null"),
    ("I-27c", "alter table boxoffice.ticket disable trigger all; update boxoffice.ticket set id = gen_random_uuid();
               update boxoffice.ticket set id = (select min(id::text)::uuid from boxoffice.ticket)"),
    ("I-27d", "insert into admission.scan (organisation_id, nonce, list_id, actor, result, code_hash, scanned_at)
               select organisation_id, gen_random_uuid(), gen_random_uuid(), 'bug', 'forged', sha256('x'), now() from boxoffice.ticket limit 1"),
    ("I-28", "alter table boxoffice.ticket no force row level security"),
    ("I-31", "insert into platform.idempotency (caller, key, fingerprint, state, created_at) values ('a', 'b', sha256('x'), 'in_progress', now() - interval '1 hour')"),
    ("I-32", "alter table boxoffice.pool add column share double precision"),
    ("I-33", "alter table boxoffice.pool add constraint new_rule check (capacity < 1000000) not valid"),
    ("I-40", "insert into boxoffice.seating (organisation_id, event_id, layout_id, layout_version, document, content_hash, seats, statuses, created_at)
              select organisation_id, id, gen_random_uuid(), 1, '{}', sha256('x'), 4, '\\x01', now() from catalog.event limit 1"),
    ("I-41", "insert into boxoffice.seating (organisation_id, event_id, layout_id, layout_version, document, content_hash, seats, statuses, version, created_at)
              select organisation_id, id, gen_random_uuid(), 1, '{}', sha256('x'), 4, '\\x00', 3, now() from catalog.event limit 1"),
    ("I-42", "update boxoffice.ticket_type set seat_category = 'S'"),
    ("I-34", "update catalog.event set starts_at = starts_at + interval '1 hour'"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_planted_violation_is_found() {
    let app = start().await;
    let house = found(&app, "northside").await;
    let (show, kind) = house.show("Paid night", 1_250, 5).await;
    let held = hold(&app.client, &show, &kind, 2).await.expect(201);
    let ordered = order(&app.client, &held, "ada@example.org").await.expect(201);
    press(&app.client, &ordered, "pay").await;
    app.drain().await;
    app.check().await;
    let superuser = app.database.superuser().await;
    for (invariant, plant) in PLANTED {
        let mut connection = superuser.acquire().await.unwrap();
        sqlx::raw_sql("begin").execute(&mut *connection).await.unwrap();
        sqlx::raw_sql(*plant).execute(&mut *connection).await.unwrap_or_else(|error| panic!("{invariant}: {error}"));
        let broken = testkit::violations_in(&mut connection).await;
        sqlx::raw_sql("rollback").execute(&mut *connection).await.unwrap();
        let found = broken.iter().any(|violation| violation.invariant.split(' ').next() == Some(*invariant));
        assert!(found, "{invariant} did not see its planted violation; seen were {broken:?}");
    }
    app.check().await;
}
