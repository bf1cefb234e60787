-- Catalogue: events, organisations' public pages, media.
create schema catalog;
grant usage on schema catalog to turnout_app;

create table catalog.media (
  organisation_id uuid not null,
  id              uuid not null,
  width           integer not null,
  height          integer not null,
  bytes           bigint not null,
  content_hash    bytea not null,
  widths          integer[] not null,
  created_at      timestamptz not null,
  primary key (organisation_id, id),
  constraint media_id_is_unique unique (id),
  constraint media_size check (width between 1 and 20000 and height between 1 and 20000 and bytes > 0),
  constraint media_has_variants check (cardinality(widths) between 1 and 8)
);
call platform.fence('catalog.media');
-- A picture's address is public and carries its unguessable id only, so whoever serves it must find the tenant by the id.
create policy public_read on catalog.media for select using (platform.scope() = 'public');
grant select, insert, delete on catalog.media to turnout_app;

create table catalog.event (
  organisation_id uuid not null,
  id              uuid not null,
  slug            text not null constraint event_slug_is_unique unique,
  title           text not null,
  summary         text not null default '',
  description     text not null default '',
  category        text not null default 'other',
  status          text not null default 'draft',
  hue             smallint not null default 264,
  cover_id        uuid,
  currency        char(3) not null,
  attendance      text not null,
  venue_name      text not null default '',
  address         text not null default '',
  city            text not null default '',
  country         text not null default '',
  online_url      text not null default '',
  zone            text not null,
  starts_local    timestamp not null,
  ends_local      timestamp not null,
  starts_at       timestamptz not null,
  ends_at         timestamptz not null,
  version         bigint not null default 1,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  published_at    timestamptz,
  cancelled_at    timestamptz,
  search          tsvector generated always as (
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', summary || ' ' || city || ' ' || venue_name), 'B')
    || setweight(to_tsvector('simple', description), 'C')) stored,
  primary key (organisation_id, id),
  constraint event_id_is_unique unique (id),
  constraint event_cover foreign key (organisation_id, cover_id) references catalog.media,
  constraint event_status check (status in ('draft', 'published', 'unlisted', 'cancelled')),
  constraint event_attendance check (attendance in ('in_person', 'online', 'hybrid')),
  constraint event_hue check (hue between 0 and 359),
  constraint event_ends_after_start check (ends_at > starts_at and ends_local > starts_local - interval '1 day'),
  constraint event_public_when_published check (status not in ('published', 'unlisted') or published_at is not null),
  constraint event_cancelled_when_cancelled check ((status = 'cancelled') = (cancelled_at is not null))
);
create index event_upcoming on catalog.event (starts_at, id) where status = 'published';
create index event_search on catalog.event using gin (search) where status = 'published';
create index event_of_organisation on catalog.event (organisation_id, starts_at, id);
create index event_by_city on catalog.event (lower(city), starts_at) where status = 'published';
call platform.fence('catalog.event');
-- Anyone may read what an organiser has made public. Drafts never leave the tenant.
create policy public_read on catalog.event for select
  using (platform.scope() in ('public', 'system') and (status in ('published', 'unlisted', 'cancelled') and published_at is not null));
grant select, insert, update on catalog.event to turnout_app;

-- What an organisation says of itself on its public page; name, slug and the like follow identity by way of the journal.
create table catalog.page (
  organisation_id uuid primary key,
  slug            text not null constraint page_slug_is_unique unique,
  name            text not null,
  contact_email   text not null,
  currency        char(3) not null,
  time_zone       text not null,
  about           text not null default '',
  website         text not null default '',
  hue             smallint not null default 264,
  version         bigint not null default 1,
  updated_at      timestamptz not null,
  -- When the followed change of the organisation was recorded: the journal delivers in no fixed order, and an old one must not win.
  followed_at     timestamptz not null,
  constraint page_hue check (hue between 0 and 359)
);
call platform.fence('catalog.page');
create policy public_read on catalog.page for select using (platform.scope() = 'public');
grant select, insert, update on catalog.page to turnout_app;
