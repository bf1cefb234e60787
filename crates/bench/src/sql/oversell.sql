-- What the pools of the given events say of themselves, and what their tickets, orders, holds and journal say of them.
with touched as (
  select p.organisation_id, p.id, p.event_id, e.slug, p.capacity, p.held, p.sold, p.version
  from boxoffice.pool p
  join catalog.event e on e.organisation_id = p.organisation_id and e.id = p.event_id
  where e.slug = any($1)),
draws as (
  select t.organisation_id, t.id as pool_id, t.event_id, d.ticket_type_id
  from touched t
  join boxoffice.ticket_type_pool d on d.organisation_id = t.organisation_id and d.pool_id = t.id),
valid as (
  select d.pool_id, count(*) as tickets, count(distinct t.order_id) as orders
  from draws d
  join boxoffice.ticket t
    on t.organisation_id = d.organisation_id and t.event_id = d.event_id and t.ticket_type_id = d.ticket_type_id
  where t.state = 'valid'
  group by d.pool_id),
ordered as (
  select d.pool_id, sum(l.quantity) as quantity
  from draws d
  join boxoffice.orders o on o.organisation_id = d.organisation_id and o.event_id = d.event_id
  join boxoffice.order_line l
    on l.organisation_id = o.organisation_id and l.order_id = o.id and l.ticket_type_id = d.ticket_type_id
  where o.state = 'paid'
  group by d.pool_id),
kept as (
  select d.pool_id, sum(l.quantity) as quantity
  from draws d
  join boxoffice.hold h on h.organisation_id = d.organisation_id and h.event_id = d.event_id
  join boxoffice.hold_line l
    on l.organisation_id = h.organisation_id and l.hold_id = h.id and l.ticket_type_id = d.ticket_type_id
  where h.state = 'live'
  group by d.pool_id),
written as (
  select j.pool_id, count(*) as lines, min(j.version) as first, max(j.version) as last,
         sum(j.capacity_delta) as capacity, sum(j.held_delta) as held, sum(j.sold_delta) as sold
  from touched t
  join boxoffice.pool_journal j on j.organisation_id = t.organisation_id and j.pool_id = t.id
  group by j.pool_id)
select t.slug, t.capacity::bigint, t.held::bigint, t.sold::bigint, t.version,
       coalesce(v.tickets, 0)::bigint as tickets, coalesce(v.orders, 0)::bigint as orders,
       coalesce(o.quantity, 0)::bigint as ordered, coalesce(k.quantity, 0)::bigint as kept,
       coalesce(w.lines, 0)::bigint as lines, coalesce(w.first, 0)::bigint as first, coalesce(w.last, 0)::bigint as last,
       coalesce(w.capacity, 0)::bigint as written_capacity, coalesce(w.held, 0)::bigint as written_held,
       coalesce(w.sold, 0)::bigint as written_sold
from touched t
left join valid v on v.pool_id = t.id
left join ordered o on o.pool_id = t.id
left join kept k on k.pool_id = t.id
left join written w on w.pool_id = t.id
order by t.slug;
