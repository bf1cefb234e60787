-- A code is unique because the orders say so themselves. The table beside them cost a row, a fence and a statement for each order, and let a
-- public transaction read all codes.
drop table boxoffice.order_code;
alter table boxoffice.orders add constraint order_code_is_unique unique (code);

-- Where the order with a public code is, and nothing else about it, for those who do not know the tenant yet. The function is the owner's, who is
-- fenced as well: it looks as the system does, and is back behind the caller's fence before it returns.
create function boxoffice.locate_order(of_code text) returns table (organisation_id uuid, order_id uuid)
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare callers text := current_setting('turnout.scope', true);
begin
  perform set_config('turnout.scope', 'system', true);
  return query select o.organisation_id, o.id from boxoffice.orders o where o.code = of_code;
  perform set_config('turnout.scope', coalesce(callers, ''), true);
end
$$;
revoke execute on function boxoffice.locate_order from public;
grant execute on function boxoffice.locate_order to turnout_app;

-- A fence asks who the tenant is once for each statement, not once for each row.
create or replace procedure platform.fence(target regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy tenant on %s using (organisation_id = (select platform.tenant())) with check (organisation_id = (select platform.tenant()))',
    target);
end
$$;
do $$
declare fenced regclass;
begin
  for fenced in select p.polrelid from pg_policy p where p.polname = 'tenant' order by p.polrelid loop
    execute format(
      'alter policy tenant on %s using (organisation_id = (select platform.tenant())) with check (organisation_id = (select platform.tenant()))',
      fenced);
  end loop;
end
$$;
alter policy append on platform.journal with check (organisation_id is null or organisation_id = (select platform.tenant()));
