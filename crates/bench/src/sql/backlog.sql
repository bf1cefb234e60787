-- Work that waits for a worker: journal entries that the relay has not read, and jobs that are not dead.
select
  (select count(*)
   from platform.journal j
   where (j.transaction_id, j.position) > (
     select coalesce(max(c.transaction_id), '0'), coalesce(max(c.position), 0)
     from platform.journal_cursor c
     where c.consumer = 'relay'))::bigint as entries,
  (select count(*) from graphile_worker.jobs where attempts < max_attempts)::bigint as jobs;
