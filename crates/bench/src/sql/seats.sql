-- Of events with reserved seats: valid tickets, the seats they are for, places sold and held, and how many seats are not free.
select count(t.id) as tickets, count(distinct t.seat) as seats,
       (select sum(p.sold) from boxoffice.pool p where p.organisation_id = s.organisation_id and p.event_id = s.event_id)::bigint as sold,
       (select sum(p.held) from boxoffice.pool p where p.organisation_id = s.organisation_id and p.event_id = s.event_id)::bigint as held,
       -- One bit is set for a seat that is held or sold; none here is blocked, which would be two.
       bit_count(s.statuses) as taken
from boxoffice.seating s
join catalog.event e on e.organisation_id = s.organisation_id and e.id = s.event_id
left join boxoffice.ticket t on t.organisation_id = s.organisation_id and t.event_id = s.event_id and t.state = 'valid' and t.seat is not null
where e.slug = any($1)
group by s.organisation_id, s.event_id, s.statuses;
