-- The baseline sells nothing twice, either.
select (select sold from stock where event_id = 1)::bigint as sold,
       (select count(*) from orders)::bigint as orders,
       (select count(*) from ticket where state = 'valid')::bigint as tickets,
       (select coalesce(sum(quantity), 0) from item)::bigint as quantity,
       (select count(*) from outbox)::bigint as outbox;
