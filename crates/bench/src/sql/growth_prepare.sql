-- The order that was bought, and the past orders that are copies of it.
create or replace function pg_temp.past_id(at timestamptz) returns uuid language sql volatile as $$
  -- As UUIDv7: the time in front, so that past ids are ordered in time as the server's are (RFC 9562, section 5.7); the rest is random.
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14, 19))::uuid
$$;
create or replace function pg_temp.past_serial() returns bigint language sql volatile as $$
  select ('x' || substr(replace(gen_random_uuid()::text, '-', ''), 17, 16))::bit(64)::bigint & 9223372036854775807
$$;
create or replace function pg_temp.past_code(number bigint) returns text language sql immutable as $$
  -- An odd factor modulo 2^40 meets every code once, and neighbours lie far apart, as random codes do.
  select substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', ((number * 548756813117 % 1099511627776) >> 0 & 31)::integer + 1, 1) ||
    substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', ((number * 548756813117 % 1099511627776) >> 5 & 31)::integer + 1, 1) ||
    substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', ((number * 548756813117 % 1099511627776) >> 10 & 31)::integer + 1, 1) ||
    substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', ((number * 548756813117 % 1099511627776) >> 15 & 31)::integer + 1, 1) ||
    substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', ((number * 548756813117 % 1099511627776) >> 20 & 31)::integer + 1, 1) ||
    substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', ((number * 548756813117 % 1099511627776) >> 25 & 31)::integer + 1, 1) ||
    substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', ((number * 548756813117 % 1099511627776) >> 30 & 31)::integer + 1, 1) ||
    substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', ((number * 548756813117 % 1099511627776) >> 35 & 31)::integer + 1, 1)
$$;
create temporary table if not exists bought (organisation_id uuid, event_id uuid, pool_id uuid, code text, order_id uuid, hold_id uuid, at timestamptz, lines bigint, tickets integer, count bigint);
create temporary table if not exists past (n bigint, at timestamptz, order_id uuid, hold_id uuid, code text);
truncate bought, past;
-- So many copies of an event's order, a hundred a second, with so many others to come after them before now.
create or replace procedure pg_temp.prepare_past(slug_wanted text, count_wanted bigint, after bigint) language plpgsql as $$
begin
  insert into pg_temp.bought
  select o.organisation_id, o.event_id, d.id, o.code, o.id, o.hold_id, o.created_at,
    (select count(*) from boxoffice.pool_journal j where j.organisation_id = o.organisation_id and j.pool_id = d.id and (j.order_id = o.id or j.hold_id = o.hold_id)),
    (select count(*) from boxoffice.ticket t where t.organisation_id = o.organisation_id and t.order_id = o.id), count_wanted
  from boxoffice.orders o
  join catalog.event e on e.organisation_id = o.organisation_id and e.id = o.event_id
  join boxoffice.pool d on d.organisation_id = o.organisation_id and d.event_id = o.event_id
  where e.slug = slug_wanted;
  insert into pg_temp.past
  select n, at, pg_temp.past_id(at), pg_temp.past_id(at), code
  from (
    select n, b.at - make_interval(secs => ((after + count_wanted - n) * 0.01)::float8) as at, pg_temp.past_code(after + n) as code
    from pg_temp.bought b, generate_series(1, count_wanted) n) x;
  -- So that the one order is looked up by key, however many there are.
  analyze pg_temp.bought, pg_temp.past;
end
$$;
