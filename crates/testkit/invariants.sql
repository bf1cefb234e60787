-- What must hold on every committed snapshot. Each query between two "-- @" markers returns no row when its promise holds; all of them
-- run in one repeatable-read transaction. The numbers are those of the reference catalogue; what has no table yet has no query yet.
-- @I-01 no oversell: a pool never has more sold and held than its capacity
select id::text from boxoffice.pool where held + sold > capacity or sold < 0 or held < 0;
-- @I-02 the counters, the journal, the live tickets and the live holds agree
select p.id::text, p.sold, p.held, j.sold, j.held, t.count, h.count
from boxoffice.pool p
left join lateral (
  select coalesce(sum(sold_delta), 0) as sold, coalesce(sum(held_delta), 0) as held, coalesce(sum(capacity_delta), 0) as capacity, coalesce(max(version), 0) as version
  from boxoffice.pool_journal j where j.organisation_id = p.organisation_id and j.pool_id = p.id) j on true
left join lateral (
  select count(*) as count
  from boxoffice.ticket t join boxoffice.ticket_type_pool d on d.organisation_id = t.organisation_id and d.ticket_type_id = t.ticket_type_id
  where d.organisation_id = p.organisation_id and d.pool_id = p.id and t.state = 'valid') t on true
left join lateral (
  select coalesce(sum(l.quantity), 0) as count
  from boxoffice.hold h
  join boxoffice.hold_line l on l.organisation_id = h.organisation_id and l.hold_id = h.id
  join boxoffice.ticket_type_pool d on d.organisation_id = l.organisation_id and d.ticket_type_id = l.ticket_type_id
  where d.organisation_id = p.organisation_id and d.pool_id = p.id and h.state = 'live') h on true
where p.sold <> j.sold or p.held <> j.held or p.capacity <> j.capacity or p.version <> j.version or p.sold <> t.count or p.held <> h.count;
-- @I-03 the pool journal has no gap and never left the capacity of its time
select pool_id::text, version from (
  select pool_id, version, row_number() over w as rn, sum(sold_delta) over w as sold, sum(held_delta) over w as held, sum(capacity_delta) over w as capacity
  from boxoffice.pool_journal
  window w as (partition by organisation_id, pool_id order by version)) x
where version <> rn or sold < 0 or held < 0 or sold + held > capacity;
-- @I-05 a ticket is valid if and only if its order is paid and the ticket was not cancelled
select t.id::text from boxoffice.ticket t join boxoffice.orders o on o.organisation_id = t.organisation_id and o.id = t.order_id
where (t.state = 'valid') <> (o.state = 'paid' and t.cancelled_at is null);
-- @I-05b a paid order has exactly the tickets it ordered; any other has no valid one
select o.id::text from boxoffice.orders o
where o.state = 'paid'
  and (select count(*) from boxoffice.ticket t where t.organisation_id = o.organisation_id and t.order_id = o.id)
   <> (select sum(quantity) from boxoffice.order_line l where l.organisation_id = o.organisation_id and l.order_id = o.id);
-- @I-05c a hold is converted if and only if an order of it was paid without taking the places again
select h.id::text from boxoffice.hold h left join boxoffice.orders o on o.organisation_id = h.organisation_id and o.hold_id = h.id
where h.state = 'converted' and (o.id is null or o.paid_at is null);
-- @I-06 no charge without an order or a refund
select p.id::text from payments.payment p left join boxoffice.orders o on o.organisation_id = p.organisation_id and o.id = p.order_id
where p.state = 'succeeded' and not (coalesce(o.state, '') = 'paid' and o.payment_id = p.id)
  and p.amount > (select coalesce(sum(r.amount), 0) from payments.refund r where r.organisation_id = p.organisation_id and r.payment_id = p.id and r.state <> 'failed')
  and not (o.state = 'cancelled' and o.payment_id = p.id)
  and p.succeeded_at < now() - interval '15 minutes';
-- @I-07 a paid order with something to pay is covered by the payment it names, exactly
select o.id::text from boxoffice.orders o
left join payments.payment p on p.organisation_id = o.organisation_id and p.id = o.payment_id
where o.state = 'paid' and ((o.total > 0 and (p.id is null or p.state <> 'succeeded' or p.amount <> o.total or p.currency <> o.currency or p.order_id <> o.id))
  or (o.total = 0 and o.payment_id is not null));
-- @I-08 order total = sum of its lines, to the minor unit
select o.id::text from boxoffice.orders o
where o.total <> (select coalesce(sum(amount), 0) from boxoffice.order_line l where l.organisation_id = o.organisation_id and l.order_id = o.id);
-- @I-09 refunds never exceed the payment
select p.id::text from payments.payment p
where (select coalesce(sum(r.amount), 0) from payments.refund r where r.organisation_id = p.organisation_id and r.payment_id = p.id and r.state <> 'failed')
  > (case when p.state = 'succeeded' then p.amount else 0 end);
-- @I-12 one currency an order: order, payments and event agree
select o.id::text from boxoffice.orders o
join catalog.event e on e.organisation_id = o.organisation_id and e.id = o.event_id
left join payments.payment p on p.organisation_id = o.organisation_id and p.order_id = o.id
where o.currency <> e.currency or p.currency <> o.currency;
-- @I-13 ticket prices add up to the order total
select o.id::text from boxoffice.orders o
where exists (select from boxoffice.ticket t where t.organisation_id = o.organisation_id and t.order_id = o.id)
  and o.total <> (select sum(price) from boxoffice.ticket t where t.organisation_id = o.organisation_id and t.order_id = o.id);
-- @I-15 the pool journal of an order nets to its valid tickets, in every pool it drew from
select o.id::text, j.pool_id::text from boxoffice.orders o
join (select organisation_id, order_id, pool_id, sum(sold_delta) as sold from boxoffice.pool_journal where order_id is not null group by 1, 2, 3) j
  on j.organisation_id = o.organisation_id and j.order_id = o.id
where j.sold <> (
  select count(*) from boxoffice.ticket t
  join boxoffice.ticket_type_pool d on d.organisation_id = t.organisation_id and d.ticket_type_id = t.ticket_type_id and d.pool_id = j.pool_id
  where t.organisation_id = o.organisation_id and t.order_id = o.id and t.state = 'valid');
-- @I-18 a ticket is admitted at most once a list, and the log says the same
select a.ticket_id::text from admission.admitted a
join admission.scan s on s.organisation_id = a.organisation_id and s.nonce = a.nonce
where s.result <> 'admitted' or s.ticket_id <> a.ticket_id or s.list_id <> a.list_id;
-- @I-18b between two admissions of a ticket to one list there is an undo
select ticket_id::text from (
  select ticket_id, result, lag(result) over (partition by organisation_id, list_id, ticket_id order by gate_order) as before
  from admission.scan where result in ('admitted', 'undone')) x
where result = 'admitted' and before = 'admitted';
-- @I-19 no admission of a ticket that was cancelled before
select s.nonce::text from admission.scan s join boxoffice.ticket t on t.organisation_id = s.organisation_id and t.id = s.ticket_id
where s.result = 'admitted' and t.state <> 'valid' and (t.cancelled_at is null or t.cancelled_at <= s.scanned_at);
-- @I-22 webhooks are not forgotten
select provider, event_id from payments.webhook_inbox where processed_at is null and received_at < now() - interval '10 minutes';
-- @I-27 tenant isolation in the data: a child never belongs to another tenant than its parent
select 'order', o.id::text from boxoffice.orders o join catalog.event e on e.id = o.event_id where o.organisation_id <> e.organisation_id
union all select 'pool', p.id::text from boxoffice.pool p join catalog.event e on e.id = p.event_id where p.organisation_id <> e.organisation_id
union all select 'ticket', t.id::text from boxoffice.ticket t join boxoffice.orders o on o.id = t.order_id where t.organisation_id <> o.organisation_id or t.event_id <> o.event_id
union all select 'payment', y.id::text from payments.payment y join boxoffice.orders o on o.id = y.order_id where y.organisation_id <> o.organisation_id
union all select 'list', l.id::text from admission.list l join catalog.event e on e.id = l.event_id where l.organisation_id <> e.organisation_id;
-- @I-27b no orphans: what a batch writes together has its parent, of the same tenant
select 'journal line', j.pool_id::text from boxoffice.pool_journal j
  where not exists (select from boxoffice.pool p where p.organisation_id = j.organisation_id and p.id = j.pool_id)
union all select 'hold line', l.hold_id::text from boxoffice.hold_line l
  where not exists (select from boxoffice.hold h where h.organisation_id = l.organisation_id and h.id = l.hold_id)
  or not exists (select from boxoffice.ticket_type t where t.organisation_id = l.organisation_id and t.id = l.ticket_type_id)
union all select 'order', o.id::text from boxoffice.orders o
  where o.hold_id is not null and not exists (select from boxoffice.hold h where h.organisation_id = o.organisation_id and h.id = o.hold_id)
  or not exists (select from boxoffice.order_line l where l.organisation_id = o.organisation_id and l.order_id = o.id)
union all select 'order line', l.order_id::text from boxoffice.order_line l
  where not exists (select from boxoffice.orders o where o.organisation_id = l.organisation_id and o.id = l.order_id)
  or not exists (select from boxoffice.ticket_type t where t.organisation_id = l.organisation_id and t.id = l.ticket_type_id)
union all select 'ticket', t.id::text from boxoffice.ticket t
  where not exists (select from boxoffice.orders o where o.organisation_id = t.organisation_id and o.id = t.order_id)
  or not exists (select from boxoffice.ticket_type y where y.organisation_id = t.organisation_id and y.id = t.ticket_type_id and y.event_id = t.event_id);
-- @I-27c no two tickets of an organisation have one id, which no key says any more
select t.id::text from boxoffice.ticket t group by t.organisation_id, t.id having count(*) > 1;
-- @I-27d no orphans at the door: a scan has its list and its device, an admission its scan, all of the same tenant
select 'scan', s.nonce::text from admission.scan s
  where not exists (select from admission.list l where l.organisation_id = s.organisation_id and l.id = s.list_id)
  or (s.device_id is not null and not exists (select from admission.device d where d.organisation_id = s.organisation_id and d.id = s.device_id))
union all select 'admission', a.ticket_id::text from admission.admitted a
  where not exists (select from admission.scan s where s.organisation_id = a.organisation_id and s.nonce = a.nonce);
-- @I-40 the status of every seat says what holds and tickets say: one holder at most, and blocked seats are nobody's
with known as (
  select s.organisation_id, s.event_id, i as seat, (get_byte(s.statuses, i / 4) >> (2 * (i % 4))) & 3 as status
  from boxoffice.seating s cross join lateral generate_series(0, s.seats - 1) as i
), held as (
  select h.organisation_id, h.event_id, seat from boxoffice.hold h
  join boxoffice.hold_line l on l.organisation_id = h.organisation_id and l.hold_id = h.id
  cross join lateral unnest(l.seats) as seat
  where h.state = 'live'
), sold as (
  select organisation_id, event_id, seat from boxoffice.ticket where seat is not null and state = 'valid'
), claims as (
  select organisation_id, event_id, seat, count(*) filter (where kind = 'held') as held, count(*) filter (where kind = 'sold') as sold
  from (select *, 'held' as kind from held union all select *, 'sold' from sold) both_kinds
  group by organisation_id, event_id, seat
)
select k.event_id::text, k.seat || ' is ' || k.status || ', held ' || coalesce(c.held, 0) || ', sold ' || coalesce(c.sold, 0)
from known k left join claims c on c.organisation_id = k.organisation_id and c.event_id = k.event_id and c.seat = k.seat
where (coalesce(c.held, 0), coalesce(c.sold, 0)) <> (case k.status when 1 then 1 else 0 end, case k.status when 2 then 1 else 0 end)
union all select c.event_id::text, c.seat || ' is no seat of the event' from claims c
  where not exists (select from boxoffice.seating s where s.organisation_id = c.organisation_id and s.event_id = c.event_id and c.seat < s.seats);
-- @I-41 the changes of seats are gapless, and the last of each seat is its status
select s.event_id::text, 'version ' || s.version || ' of ' || count(c.version) from boxoffice.seating s
left join boxoffice.seat_change c on c.organisation_id = s.organisation_id and c.event_id = s.event_id
group by s.organisation_id, s.event_id, s.version having count(c.version) <> s.version or coalesce(max(c.version), 0) <> s.version
union all
select l.event_id::text, l.seat || ' was ' || l.cause from (
  select distinct on (c.organisation_id, c.event_id, seat) c.organisation_id, c.event_id, seat, c.cause
  from boxoffice.seat_change c cross join lateral unnest(c.seats) as seat
  order by c.organisation_id, c.event_id, seat, c.version desc
) l join boxoffice.seating s on s.organisation_id = l.organisation_id and s.event_id = l.event_id
where (get_byte(s.statuses, l.seat / 4) >> (2 * (l.seat % 4))) & 3 <> case l.cause
  when 'held' then 1 when 'converted' then 2 when 'retaken' then 2 when 'blocked' then 3 else 0 end;
-- @I-42 a ticket of a type that sells seats has a seat, and no other has one
select t.id::text from boxoffice.ticket t
join boxoffice.ticket_type y on y.organisation_id = t.organisation_id and y.id = t.ticket_type_id
where t.state = 'valid' and (t.seat is null) <> (y.seat_category is null);
-- @I-28 tenant isolation in the schema: forced row security on every table with organisation_id, and a role that cannot bypass it
select c.oid::regclass::text from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attname = 'organisation_id' and not a.attisdropped
where n.nspname in ('platform', 'identity', 'catalog', 'payments', 'boxoffice', 'admission', 'outreach') and c.relkind in ('r', 'p')
  and not (c.relrowsecurity and c.relforcerowsecurity)
union all select rolname::text from pg_roles where rolname = 'turnout_app' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)
union all select c.oid::regclass::text from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = 'turnout_app';
-- @I-30 refresh-token families have at most one live token
select session_id::text from identity.refresh_token where state = 'live' group by 1 having count(*) > 1;
-- @I-31 an idempotency key is bound to its request and does not stay in progress
select key from platform.idempotency where length(fingerprint) <> 32 or (state = 'in_progress' and created_at < now() - interval '5 minutes');
-- @I-32 money is integers, instants carry a zone
select table_schema || '.' || table_name || '.' || column_name from information_schema.columns
where table_schema in ('platform', 'identity', 'catalog', 'payments', 'boxoffice', 'admission', 'outreach')
  and (data_type in ('real', 'double precision', 'money') or (data_type = 'timestamp without time zone' and column_name not like '%\_local')
    or (column_name in ('amount', 'price', 'total', 'unit_price') and data_type <> 'bigint'));
-- @I-33 no constraint is unvalidated and no index invalid
select conname::text from pg_constraint where not convalidated
union all select indexrelid::regclass::text from pg_index where not indisvalid;
-- @I-34 the stored instant of an event is its wall time in its own zone: of two the first, of none the one before the gap (RFC 5545)
select e.id::text from catalog.event e
cross join lateral (values (e.starts_local, e.starts_at), (e.ends_local, e.ends_at)) as p (wall, instant)
where p.instant <> (
  select min(t) from generate_series((p.wall at time zone e.zone) - interval '3 hours', p.wall at time zone e.zone, interval '15 minutes') t
  where t at time zone e.zone = p.wall or t = p.wall at time zone e.zone);
