-- Tickets of the given events that are in, and scans that say so.
select
  (select count(*)
   from admission.admitted a
   join admission.list l on l.organisation_id = a.organisation_id and l.id = a.list_id
   join catalog.event e on e.organisation_id = l.organisation_id and e.id = l.event_id
   where e.slug = any($1))::bigint as admitted,
  (select count(*)
   from admission.scan s
   join admission.list l on l.organisation_id = s.organisation_id and l.id = s.list_id
   join catalog.event e on e.organisation_id = l.organisation_id and e.id = l.event_id
   where e.slug = any($1) and s.result = 'admitted')::bigint as scans;
