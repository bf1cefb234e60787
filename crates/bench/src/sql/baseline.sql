-- What any usual design writes for one booking of two tickets: twelve entries in indexes, four of them at random places.
create table stock (
  event_id bigint primary key,
  capacity integer not null,
  sold     integer not null default 0,
  version  bigint not null default 0,
  constraint stock_never_oversells check (sold >= 0 and sold <= capacity)
);
create table orders (
  id          bigint generated always as identity primary key,
  event_id    bigint not null,
  code        uuid not null unique,
  buyer_name  text not null,
  buyer_email text not null,
  total       bigint not null,
  created_at  timestamptz not null default now()
);
create index order_by_event on orders (event_id, created_at);
create index order_by_buyer on orders (lower(buyer_email));
create table item (
  id         bigint generated always as identity primary key,
  order_id   bigint not null,
  kind       integer not null,
  quantity   integer not null,
  unit_price bigint not null
);
create table ticket (
  id          bigint generated always as identity primary key,
  event_id    bigint not null,
  order_id    bigint not null,
  serial      uuid not null unique,
  holder_name text not null,
  state       text not null
);
create index ticket_by_order on ticket (order_id);
create table outbox (
  id         bigint generated always as identity primary key,
  kind       text not null,
  payload    jsonb not null,
  created_at timestamptz not null default now()
);
insert into stock (event_id, capacity) values (1, 2000000000);
