-- What was written to the log of PostgreSQL up to now.
select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes,
       w.wal_fpi::float8 as images,
       w.wal_sync::float8 as syncs
from pg_stat_wal w;
