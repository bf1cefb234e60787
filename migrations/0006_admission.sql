-- Admission: check-in lists, devices at the door, scans.
create schema admission;
grant usage on schema admission to turnout_app;

create table admission.list (
  organisation_id uuid not null,
  id              uuid not null,
  event_id        uuid not null,
  name            text not null,
  -- Empty means every ticket type of the event.
  ticket_type_ids uuid[] not null default '{}',
  version         bigint not null default 1,
  created_at      timestamptz not null,
  primary key (organisation_id, id),
  constraint list_name_is_unique unique (organisation_id, event_id, name),
  constraint list_version_is_positive check (version > 0)
);
call platform.fence('admission.list');
grant select, insert, update on admission.list to turnout_app;

create table admission.device (
  organisation_id uuid not null,
  id              uuid not null,
  list_id         uuid not null,
  name            text not null,
  token_hash      bytea not null,
  created_at      timestamptz not null,
  last_seen_at    timestamptz,
  revoked_at      timestamptz,
  primary key (organisation_id, id),
  constraint device_token_is_unique unique (organisation_id, token_hash),
  constraint device_list foreign key (organisation_id, list_id) references admission.list
);
create index device_by_list on admission.device (organisation_id, list_id);
call platform.fence('admission.device');
grant select, insert, update on admission.device to turnout_app;

-- Every scan, admitted or refused. The nonce is made by the scanner and makes a retry harmless.
create table admission.scan (
  organisation_id uuid not null,
  nonce           uuid not null,
  list_id         uuid not null,
  ticket_id       uuid,
  device_id       uuid,
  actor           text not null,
  result          text not null,
  -- SHA-256 of what was scanned: a nonce that comes back with another code is refused.
  code_hash       bytea,
  -- The admitting scan that this row speaks of: the one before for 'already_in', the one taken back for 'undone'.
  about_nonce     uuid,
  gate_order      bigint generated always as identity,
  scanned_at      timestamptz not null,
  -- What the scanner's own clock said. It decides nothing.
  at_device       timestamptz,
  primary key (organisation_id, nonce),
  constraint scan_about foreign key (organisation_id, about_nonce) references admission.scan,
  constraint scan_speaks_of_another check ((about_nonce is not null) = (result in ('already_in', 'undone'))),
  constraint scan_code_hash_is_sha256 check (length(code_hash) = 32),
  constraint scan_has_a_code check ((code_hash is null) = (result = 'undone')),
  constraint scan_of_a_ticket check (ticket_id is not null or result not in ('admitted', 'already_in', 'undone')),
  constraint scan_list foreign key (organisation_id, list_id) references admission.list,
  constraint scan_device foreign key (organisation_id, device_id) references admission.device,
  constraint scan_result check (result in ('admitted', 'undone', 'already_in', 'cancelled', 'not_paid', 'wrong_event', 'wrong_list', 'unknown_ticket', 'forged'))
);
create index scan_by_list on admission.scan (organisation_id, list_id, gate_order desc);
create index scan_by_ticket on admission.scan (organisation_id, ticket_id, gate_order);
-- An admission is taken back once.
create unique index scan_undone_once on admission.scan (organisation_id, about_nonce) where result = 'undone';
call platform.fence('admission.scan');
grant select, insert on admission.scan to turnout_app;

-- Who is in. The primary key is what admits a ticket once: the second insert conflicts. The scan's row is written after it, with
-- the outcome, hence the deferred key.
create table admission.admitted (
  organisation_id uuid not null,
  list_id         uuid not null,
  ticket_id       uuid not null,
  nonce           uuid not null,
  device_id       uuid,
  admitted_at     timestamptz not null,
  primary key (organisation_id, list_id, ticket_id),
  constraint admitted_scan foreign key (organisation_id, nonce) references admission.scan deferrable initially deferred
);
call platform.fence('admission.admitted');
grant select, insert, delete on admission.admitted to turnout_app;
