-- The pools of the event count what was copied.
update boxoffice.pool p
set sold = p.sold + b.tickets * b.count, version = p.version + b.lines * b.count
from pg_temp.bought b
where p.organisation_id = b.organisation_id and p.id = b.pool_id;
