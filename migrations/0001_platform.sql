-- The ground everything stands on: the unprivileged application role, the tenant fence, the journal, idempotency.
-- Every migration runs as the owner of the schema; the server's transactions run as turnout_app, which owns nothing.

do $$
begin
  if not exists (select from pg_roles where rolname = 'turnout_app') then
    create role turnout_app nologin nosuperuser nocreatedb nocreaterole nobypassrls;
  end if;
exception when duplicate_object or unique_violation then null; -- another database of the same cluster was faster
end
$$;

create schema platform;
grant usage on schema platform to turnout_app;

-- The tenant of the current transaction; null when none was set, so that every comparison with it is false: it fails closed.
create function platform.tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('turnout.organisation', true), '')::uuid;

-- The account of the current transaction, for the few rows that a person may see across organisations.
create function platform.account() returns uuid language sql stable parallel safe
  return nullif(current_setting('turnout.account', true), '')::uuid;

-- What kind of transaction this is: 'tenant', 'account', 'public', 'system' or '' (none).
create function platform.scope() returns text language sql stable parallel safe
  return coalesce(current_setting('turnout.scope', true), '');

-- Fences a tenant table: forced row-level security, one organisation at a time, and nothing at all without one.
create procedure platform.fence(target regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy tenant on %s using (organisation_id = platform.tenant()) with check (organisation_id = platform.tenant())',
    target);
end
$$;

create table platform.journal (
  position          bigint generated always as identity primary key,
  transaction_id    xid8 not null default pg_current_xact_id(),
  organisation_id   uuid,
  aggregate_kind    text not null,
  aggregate_id      uuid not null,
  aggregate_version bigint not null,
  kind              text not null,
  payload           jsonb not null,
  actor             text not null,
  request_id        text,
  valid_at          timestamptz not null,
  recorded_at       timestamptz not null,
  previous_hash     bytea not null,
  hash              bytea not null,
  constraint journal_version_is_gapless unique (aggregate_kind, aggregate_id, aggregate_version),
  constraint journal_version_is_positive check (aggregate_version > 0),
  constraint journal_hash_is_sha256 check (length(hash) = 32 and length(previous_hash) = 32)
);
create index journal_by_transaction on platform.journal (transaction_id, position);
create index journal_by_organisation on platform.journal (organisation_id, position);
alter table platform.journal enable row level security;
alter table platform.journal force row level security;
-- A row without an organisation belongs to the platform (accounts, keys): any transaction may append one, only the system reads it.
create policy append on platform.journal for insert
  with check (organisation_id is null or organisation_id = platform.tenant());
create policy read on platform.journal for select
  using (organisation_id = platform.tenant() or (organisation_id is null and platform.scope() <> '') or platform.scope() = 'system');

create function platform.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;
create trigger journal_is_append_only before update or delete or truncate on platform.journal
  for each statement execute function platform.refuse_change();
grant select, insert on platform.journal to turnout_app;

-- How far each consumer of the journal has read.
create table platform.journal_cursor (
  consumer       text primary key,
  transaction_id xid8 not null default '0',
  position       bigint not null default 0,
  updated_at     timestamptz not null default now()
);
grant select, insert, update on platform.journal_cursor to turnout_app;

-- One row for each Idempotency-Key of each caller: draft-ietf-httpapi-idempotency-key-header-07.
create table platform.idempotency (
  caller       text not null,
  key          text not null,
  fingerprint  bytea not null,
  state        text not null,
  status       smallint,
  headers      jsonb,
  body         bytea,
  created_at   timestamptz not null,
  primary key (caller, key),
  constraint idempotency_state check (state in ('in_progress', 'effect', 'done')),
  constraint idempotency_fingerprint_is_sha256 check (length(fingerprint) = 32),
  constraint idempotency_answer check ((state = 'done') = (status is not null))
);
create index idempotency_by_age on platform.idempotency (created_at);
grant select, insert, update, delete on platform.idempotency to turnout_app;

-- Queues a job on behalf of the application role, which has no rights on the queue itself. The queue's own schema is made by its
-- library after these migrations; plpgsql looks the function up when it is called.
create function platform.enqueue(identifier text, payload jsonb, run_at timestamptz, max_attempts integer, job_key text, queue_name text)
returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform graphile_worker.add_job(identifier, payload::json, queue_name, run_at, max_attempts, job_key);
end
$$;
revoke execute on function platform.enqueue from public;
grant execute on function platform.enqueue to turnout_app;
