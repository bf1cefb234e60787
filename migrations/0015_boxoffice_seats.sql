-- Reserved seats. An event has its own copy of a layout's version, and one row with the status of every seat in two bits. Only the lane of the event
-- writes it, under the row's lock, which is taken after those of the pools.
create table boxoffice.seating (
  organisation_id uuid not null,
  event_id        uuid not null,
  layout_id       uuid not null,
  layout_version  bigint not null,
  -- The layout's document as it was when it was copied, and the hash that names its content.
  document        text not null,
  content_hash    bytea not null,
  seats           integer not null,
  -- Seat i is in byte i / 4, bits 2 * (i % 4) and the next: 0 free, 1 held, 2 sold, 3 blocked.
  statuses        bytea not null,
  version         bigint not null default 0,
  created_at      timestamptz not null,
  primary key (organisation_id, event_id),
  constraint seating_has_seats check (seats between 1 and 100000 and length(statuses) = (seats + 3) / 4),
  constraint seating_version_is_not_negative check (version >= 0),
  constraint seating_hash_is_sha256 check (length(content_hash) = 32)
);
call platform.fence('boxoffice.seating');
grant select, insert, update, delete on boxoffice.seating to turnout_app;

-- What every version of the seats changed: for those who follow them, and as the proof that the status is what it should be.
create table boxoffice.seat_change (
  organisation_id uuid not null,
  event_id        uuid not null,
  version         bigint not null,
  cause           text not null,
  hold_id         uuid,
  order_id        uuid,
  seats           integer[] not null,
  recorded_at     timestamptz not null,
  primary key (organisation_id, event_id, version),
  constraint seat_change_cause check (cause in ('held', 'released', 'expired', 'converted', 'retaken', 'cancelled', 'blocked', 'unblocked')),
  constraint seat_change_has_seats check (cardinality(seats) > 0)
);
call platform.fence('boxoffice.seat_change');
grant select, insert, delete on boxoffice.seat_change to turnout_app;

-- A type with a category sells its seats; one without sells places.
alter table boxoffice.ticket_type add column seat_category text;
alter table boxoffice.ticket_type add constraint ticket_type_seat_is_no_addon check (seat_category is null or not is_addon);
alter table boxoffice.hold_line add column seats integer[];
alter table boxoffice.hold_line add constraint hold_line_seats check (cardinality(seats) = quantity);
alter table boxoffice.order_line add column seats integer[];
alter table boxoffice.order_line add constraint order_line_seats check (cardinality(seats) = quantity);

-- The seat of a ticket, and what people read.
alter table boxoffice.ticket add column seat integer;
alter table boxoffice.ticket add column seat_section text;
alter table boxoffice.ticket add column seat_row text;
alter table boxoffice.ticket add column seat_label text;
alter table boxoffice.ticket add column seat_at_table boolean;
alter table boxoffice.ticket add constraint ticket_seat_has_a_name
  check ((seat is null) = (seat_section is null) and (seat is null) = (seat_row is null) and (seat is null) = (seat_label is null)
    and (seat is null) = (seat_at_table is null));
-- The last wall: no two valid tickets for one seat.
create unique index ticket_has_its_seat_alone on boxoffice.ticket (organisation_id, event_id, seat) where seat is not null and state = 'valid';
