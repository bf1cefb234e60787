-- Box office: waiting rooms. Who waits, who was let in, and what the pace is measured from.
--
-- Every transaction that writes entries of a room holds the lock of the room's row first (spending an admission, which touches one
-- row only, is the exception). That makes one node at a time the room's leader, keeps writers from deadlocking, and puts the
-- revisions in the order of the commits, so that a node can ask for "everything after the revision I know".

create table boxoffice.waiting_room (
  organisation_id      uuid not null,
  event_id             uuid not null,
  state                text not null,
  opens_at             timestamptz not null,
  requires_account     boolean not null,
  orders_per_person    integer not null,
  admission_seconds    integer not null,
  shoppers_min         integer not null,
  shoppers_max         integer not null,
  -- The draw: the seed is committed to by its hash from the beginning, and readable once it has been used.
  seed_sealed          bytea not null,
  seed_hash            bytea not null,
  seed                 bytea,
  roll_hash            bytea,
  drawn_count          integer,
  drawn_at             timestamptz,
  -- The number of the next one to come.
  next_number          bigint not null default 1,
  -- Raised by an emergency stop: admissions of earlier epochs are void.
  epoch                integer not null default 1,
  -- Raised by every change of the room or its entries.
  revision             bigint not null default 1,
  -- The last tick, which node made it, how many there were.
  ticked_at            timestamptz,
  ticked_by            text,
  fence                bigint not null default 0,
  -- Since when the room is watched without a gap: before a minute of that has passed nobody counts as absent.
  attentive_since      timestamptz,
  -- What the last tick counted and measured.
  admitted_total       bigint not null default 0,
  bought_total         bigint not null default 0,
  lapsed_total         bigint not null default 0,
  left_total           bigint not null default 0,
  sold_at_opening      bigint not null default 0,
  places_left          bigint not null default 0,
  places_held          bigint not null default 0,
  places_a_head_milli  bigint not null default 0,
  rate_low_milli       bigint,
  rate_high_milli      bigint,
  created_at           timestamptz not null,
  version              bigint not null default 1,
  primary key (organisation_id, event_id),
  constraint waiting_room_of_an_event_is_unique unique (event_id),
  constraint waiting_room_state check (state in ('armed', 'open', 'paused', 'stopped', 'closed')),
  constraint waiting_room_orders_per_person check (orders_per_person between 1 and 100),
  constraint waiting_room_admission_seconds check (admission_seconds between 60 and 3600),
  constraint waiting_room_shoppers check (shoppers_min between 1 and shoppers_max and shoppers_max <= 100000),
  constraint waiting_room_seed_is_committed check (length(seed_hash) = 32 and (seed is null or sha256(seed) = seed_hash)),
  constraint waiting_room_is_drawn_whole check ((drawn_at is null) = (seed is null) and (drawn_at is null) = (roll_hash is null) and (drawn_at is null) = (drawn_count is null)),
  constraint waiting_room_opens_by_draw check (state <> 'open' or drawn_at is not null)
);
create index waiting_room_active on boxoffice.waiting_room (event_id) where state <> 'closed';
call platform.fence('boxoffice.waiting_room');
create policy system_read on boxoffice.waiting_room for select using (platform.scope() = 'system');
grant select, insert, update on boxoffice.waiting_room to turnout_app;

create table boxoffice.waiting_entry (
  organisation_id uuid not null,
  event_id        uuid not null,
  id              uuid not null,
  -- SHA-256 of the secret that only the browser has.
  browser_hash    bytea not null,
  account_id      uuid,
  state           text not null,
  -- The place in the line: from the draw, or in the order of coming after it.
  number          bigint,
  revision        bigint not null,
  joined_at       timestamptz not null,
  seen_at         timestamptz not null,
  admitted_at     timestamptz,
  expires_at      timestamptz,
  -- Spent by an admission: holds taken, whether it holds something now, orders made, when the first was.
  holds           integer not null default 0,
  is_holding      boolean not null default false,
  orders          integer not null default 0,
  ordered_at      timestamptz,
  -- Whether the first order was counted by a tick.
  is_counted      boolean not null default false,
  ended_at        timestamptz,
  primary key (organisation_id, event_id, id),
  constraint waiting_entry_room foreign key (organisation_id, event_id) references boxoffice.waiting_room,
  constraint waiting_entry_number_is_unique unique (organisation_id, event_id, number),
  constraint waiting_entry_browser_hash check (length(browser_hash) = 32),
  constraint waiting_entry_state check (state in ('waiting', 'admitted', 'bought', 'lapsed', 'left')),
  constraint waiting_entry_admission check (state not in ('admitted', 'bought', 'lapsed') or (admitted_at is not null and expires_at is not null and number is not null)),
  constraint waiting_entry_ends check ((state in ('waiting', 'admitted')) = (ended_at is null)),
  constraint waiting_entry_orders check (orders >= 0 and (orders = 0) = (ordered_at is null))
) with (fillfactor = 70); -- presence is written again and again: room for it on the row's own page
create unique index waiting_entry_browser_waits_once on boxoffice.waiting_entry (organisation_id, event_id, browser_hash)
  where state in ('waiting', 'admitted');
create unique index waiting_entry_account_waits_once on boxoffice.waiting_entry (organisation_id, event_id, account_id)
  where account_id is not null and state in ('waiting', 'admitted');
create index waiting_entry_line on boxoffice.waiting_entry (organisation_id, event_id, number) where state = 'waiting';
create index waiting_entry_shopping on boxoffice.waiting_entry (organisation_id, event_id, expires_at) where state = 'admitted';
create index waiting_entry_uncounted on boxoffice.waiting_entry (organisation_id, event_id) where orders > 0 and not is_counted;
create index waiting_entry_bought on boxoffice.waiting_entry (organisation_id, event_id, browser_hash) where state = 'bought';
create index waiting_entry_by_revision on boxoffice.waiting_entry (organisation_id, event_id, revision);
call platform.fence('boxoffice.waiting_entry');
grant select, insert, update, delete on boxoffice.waiting_entry to turnout_app;

-- Which hold an admission took, so that the hold's order counts against the admission it came from.
create table boxoffice.waiting_hold (
  organisation_id uuid not null,
  hold_id         uuid not null,
  event_id        uuid not null,
  entry_id        uuid not null,
  is_ordered      boolean not null default false,
  primary key (organisation_id, hold_id),
  constraint waiting_hold_entry foreign key (organisation_id, event_id, entry_id) references boxoffice.waiting_entry on delete cascade
);
create index waiting_hold_by_entry on boxoffice.waiting_hold (organisation_id, event_id, entry_id);
call platform.fence('boxoffice.waiting_hold');
grant select, insert, update, delete on boxoffice.waiting_hold to turnout_app;

-- Ten seconds of a room: what the pace and the estimates are measured from, and what the organiser sees as a curve.
create table boxoffice.waiting_window (
  organisation_id uuid not null,
  event_id        uuid not null,
  started_at      timestamptz not null,
  admitted        bigint not null,
  bought          bigint not null,
  lapsed          bigint not null,
  left_line       bigint not null,
  -- Seconds from admission to order, summed over those who bought.
  stay_seconds    bigint not null,
  primary key (organisation_id, event_id, started_at),
  constraint waiting_window_room foreign key (organisation_id, event_id) references boxoffice.waiting_room
);
call platform.fence('boxoffice.waiting_window');
grant select, insert, update, delete on boxoffice.waiting_window to turnout_app;
