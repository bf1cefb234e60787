-- Box office: stock, holds, orders, tickets. The CHECK on pool is the last wall against overselling.
create schema boxoffice;
grant usage on schema boxoffice to turnout_app;

create table boxoffice.pool (
  organisation_id uuid not null,
  id              uuid not null,
  event_id        uuid not null,
  name            text not null,
  capacity        integer not null,
  held            integer not null default 0,
  sold            integer not null default 0,
  version         bigint not null default 0,
  created_at      timestamptz not null,
  primary key (organisation_id, id),
  constraint pool_never_oversells check (held >= 0 and sold >= 0 and held + sold <= capacity),
  constraint pool_capacity check (capacity between 0 and 1000000)
);
create index pool_by_event on boxoffice.pool (organisation_id, event_id);
call platform.fence('boxoffice.pool');
grant select, insert, update on boxoffice.pool to turnout_app;

-- Every change of a pool, numbered without a gap: the total order that a history checker needs.
create table boxoffice.pool_journal (
  organisation_id uuid not null,
  pool_id         uuid not null,
  version         bigint not null,
  capacity_delta  integer not null,
  held_delta      integer not null,
  sold_delta      integer not null,
  cause           text not null,
  hold_id         uuid,
  order_id        uuid,
  recorded_at     timestamptz not null,
  primary key (organisation_id, pool_id, version),
  constraint pool_journal_pool foreign key (organisation_id, pool_id) references boxoffice.pool,
  constraint pool_journal_cause check (cause in ('opened', 'resized', 'held', 'released', 'expired', 'converted', 'retaken', 'cancelled'))
);
call platform.fence('boxoffice.pool_journal');
create trigger pool_journal_is_append_only before update or delete or truncate on boxoffice.pool_journal
  for each statement execute function platform.refuse_change();
grant select, insert on boxoffice.pool_journal to turnout_app;

create table boxoffice.ticket_type (
  organisation_id   uuid not null,
  id                uuid not null,
  event_id          uuid not null,
  name              text not null,
  description       text not null default '',
  pricing           text not null,
  price             bigint not null,
  currency          char(3) not null,
  sale_starts_at    timestamptz,
  sale_ends_at      timestamptz,
  minimum_per_order integer not null default 1,
  maximum_per_order integer not null default 10,
  position          integer not null,
  archived_at       timestamptz,
  version           bigint not null default 1,
  created_at        timestamptz not null,
  primary key (organisation_id, id),
  constraint ticket_type_pricing check (pricing in ('free', 'paid', 'pay_what_you_want')),
  constraint ticket_type_price check ((pricing = 'free' and price = 0) or (pricing = 'paid' and price > 0) or (pricing = 'pay_what_you_want' and price >= 0)),
  constraint ticket_type_order_limits check (minimum_per_order between 1 and maximum_per_order and maximum_per_order <= 100),
  constraint ticket_type_sale_window check (sale_starts_at is null or sale_ends_at is null or sale_starts_at < sale_ends_at)
);
create index ticket_type_by_event on boxoffice.ticket_type (organisation_id, event_id, position);
call platform.fence('boxoffice.ticket_type');
grant select, insert, update on boxoffice.ticket_type to turnout_app;

create table boxoffice.ticket_type_pool (
  organisation_id uuid not null,
  ticket_type_id  uuid not null,
  pool_id         uuid not null,
  primary key (organisation_id, ticket_type_id, pool_id),
  constraint ticket_type_pool_type foreign key (organisation_id, ticket_type_id) references boxoffice.ticket_type,
  constraint ticket_type_pool_pool foreign key (organisation_id, pool_id) references boxoffice.pool
);
create index ticket_type_pool_by_pool on boxoffice.ticket_type_pool (organisation_id, pool_id);
call platform.fence('boxoffice.ticket_type_pool');
grant select, insert, delete on boxoffice.ticket_type_pool to turnout_app;

create table boxoffice.hold (
  organisation_id uuid not null,
  id              uuid not null,
  event_id        uuid not null,
  state           text not null,
  renewals        smallint not null default 0,
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  ended_at        timestamptz,
  primary key (organisation_id, id),
  constraint hold_id_is_unique unique (id),
  constraint hold_state check (state in ('live', 'converted', 'released', 'expired')),
  constraint hold_ends check ((state = 'live') = (ended_at is null))
);
create index hold_due on boxoffice.hold (expires_at) where state = 'live';
create index hold_live_by_event on boxoffice.hold (organisation_id, event_id, expires_at) where state = 'live';
call platform.fence('boxoffice.hold');
create policy system_read on boxoffice.hold for select using (platform.scope() = 'system');
grant select, insert, update on boxoffice.hold to turnout_app;

create table boxoffice.hold_line (
  organisation_id uuid not null,
  hold_id         uuid not null,
  ticket_type_id  uuid not null,
  quantity        integer not null,
  unit_price      bigint not null,
  position        integer not null,
  primary key (organisation_id, hold_id, ticket_type_id),
  constraint hold_line_hold foreign key (organisation_id, hold_id) references boxoffice.hold,
  constraint hold_line_type foreign key (organisation_id, ticket_type_id) references boxoffice.ticket_type,
  constraint hold_line_quantity check (quantity between 1 and 100),
  constraint hold_line_price check (unit_price >= 0)
);
call platform.fence('boxoffice.hold_line');
grant select, insert on boxoffice.hold_line to turnout_app;

create table boxoffice.orders (
  organisation_id uuid not null,
  id              uuid not null,
  event_id        uuid not null,
  hold_id         uuid not null,
  code            text not null,
  state           text not null,
  account_id      uuid,
  buyer_name      text not null,
  buyer_email     text not null,
  locale          text not null default 'en',
  -- Who comes, one name a ticket, kept until the tickets exist.
  attendees       text[] not null default '{}',
  currency        char(3) not null,
  total           bigint not null,
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  paid_at         timestamptz,
  -- The payment that paid for it; none for free orders. Any other that succeeds is given back.
  payment_id      uuid,
  ended_at        timestamptz,
  version         bigint not null default 1,
  primary key (organisation_id, id),
  constraint order_id_is_unique unique (id),
  constraint order_code_is_unique unique (code),
  constraint order_a_hold_is_unique unique (organisation_id, hold_id),
  constraint order_hold foreign key (organisation_id, hold_id) references boxoffice.hold,
  constraint order_state check (state in ('draft', 'awaiting_payment', 'paid', 'cancelled', 'expired', 'unfulfilled')),
  constraint order_total check (total >= 0),
  constraint order_paid_at check (state <> 'paid' or paid_at is not null)
);
create index order_by_event on boxoffice.orders (organisation_id, event_id, created_at desc, id desc);
create index order_by_account on boxoffice.orders (account_id, created_at desc) where account_id is not null;
create index order_by_buyer on boxoffice.orders (lower(buyer_email), created_at desc);
create index order_due on boxoffice.orders (expires_at) where state = 'awaiting_payment';
call platform.fence('boxoffice.orders');
-- A buyer sees their own orders across organisations; the sweeper sees what is due.
create policy own on boxoffice.orders for select using (account_id = platform.account() and platform.scope() = 'account');
create policy system_read on boxoffice.orders for select using (platform.scope() = 'system');
grant select, insert, update on boxoffice.orders to turnout_app;

-- Finds the organisation of an order from its public code. Holds nothing personal; anyone may read it, only the tenant writes.
create table boxoffice.order_code (
  code            text primary key,
  organisation_id uuid not null,
  order_id        uuid not null,
  constraint order_code_order foreign key (organisation_id, order_id) references boxoffice.orders
);
call platform.fence('boxoffice.order_code');
create policy public_read on boxoffice.order_code for select using (platform.scope() = 'public');
grant select, insert on boxoffice.order_code to turnout_app;

create table boxoffice.order_line (
  organisation_id uuid not null,
  id              uuid not null,
  order_id        uuid not null,
  ticket_type_id  uuid not null,
  quantity        integer not null,
  unit_price      bigint not null,
  amount          bigint not null,
  position        integer not null,
  primary key (organisation_id, id),
  constraint order_line_order foreign key (organisation_id, order_id) references boxoffice.orders,
  constraint order_line_type foreign key (organisation_id, ticket_type_id) references boxoffice.ticket_type,
  constraint order_line_amount check (quantity between 1 and 100 and unit_price >= 0 and amount = quantity * unit_price)
);
create index order_line_by_order on boxoffice.order_line (organisation_id, order_id);
call platform.fence('boxoffice.order_line');
grant select, insert on boxoffice.order_line to turnout_app;

create table boxoffice.ticket (
  organisation_id uuid not null,
  id              uuid not null,
  event_id        uuid not null,
  order_id        uuid not null,
  ticket_type_id  uuid not null,
  number          integer not null,
  serial          bigint not null,
  state           text not null,
  holder_name     text not null,
  price           bigint not null,
  created_at      timestamptz not null,
  cancelled_at    timestamptz,
  version         bigint not null default 1,
  primary key (organisation_id, id),
  constraint ticket_serial_is_unique unique (organisation_id, serial),
  constraint ticket_number_is_unique unique (organisation_id, order_id, number),
  constraint ticket_order foreign key (organisation_id, order_id) references boxoffice.orders,
  constraint ticket_type foreign key (organisation_id, ticket_type_id) references boxoffice.ticket_type,
  constraint ticket_state check (state in ('valid', 'cancelled', 'transferred')),
  constraint ticket_cancelled_at check ((state = 'cancelled') = (cancelled_at is not null)),
  constraint ticket_price check (price >= 0)
);
create index ticket_by_event on boxoffice.ticket (organisation_id, event_id, id);
create index ticket_by_type on boxoffice.ticket (organisation_id, ticket_type_id) where state = 'valid';
call platform.fence('boxoffice.ticket');
grant select, insert, update on boxoffice.ticket to turnout_app;

-- Ed25519 keys (RFC 8032) that sign tickets. Devices at the door get the public half.
create table boxoffice.ticket_key (
  organisation_id uuid not null,
  number          smallint not null,
  public_key      bytea not null,
  private_sealed  bytea not null,
  created_at      timestamptz not null,
  retired_at      timestamptz,
  primary key (organisation_id, number),
  constraint ticket_key_number check (number between 1 and 32767),
  constraint ticket_key_is_ed25519 check (length(public_key) = 32)
);
call platform.fence('boxoffice.ticket_key');
grant select, insert, update on boxoffice.ticket_key to turnout_app;
