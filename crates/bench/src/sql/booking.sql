\set buyer random(1, 1000000000)
begin;
select capacity - sold as available from stock where event_id = 1 for update;
update stock set sold = sold + 2, version = version + 1 where event_id = 1;
insert into orders (event_id, code, buyer_name, buyer_email, total) values (1, gen_random_uuid(), 'Ada Buyer', 'buyer' || :buyer || '@example.org', 0) returning id as order_id \gset
insert into item (order_id, kind, quantity, unit_price) values (:order_id, 1, 2, 0);
insert into ticket (event_id, order_id, serial, holder_name, state) values (1, :order_id, gen_random_uuid(), 'Ada Buyer', 'valid'), (1, :order_id, gen_random_uuid(), 'Ada Buyer', 'valid');
insert into outbox (kind, payload) values ('order_paid', jsonb_build_object('order', :order_id::bigint, 'event', 1, 'tickets', 2));
commit;
