-- Layouts of venues: sections, rows, tables, standing areas. A version is written once and never changed; events are seated by one version.
create table catalog.layout (
  organisation_id uuid not null,
  id              uuid not null,
  name            text not null,
  -- The newest version, and what it counts.
  version         bigint not null default 1,
  seats           integer not null,
  standing_places integer not null,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  primary key (organisation_id, id),
  constraint layout_version_is_positive check (version > 0),
  constraint layout_has_places check (seats between 0 and 100000 and standing_places >= 0 and seats + standing_places > 0)
);
call platform.fence('catalog.layout');
grant select, insert, update on catalog.layout to turnout_app;

create table catalog.layout_version (
  organisation_id uuid not null,
  layout_id       uuid not null,
  version         bigint not null,
  -- The JSON document as it is exported. Text, since it is only ever read as a whole; the hash names its content.
  document        text not null,
  content_hash    bytea not null,
  seats           integer not null,
  standing_places integer not null,
  created_at      timestamptz not null,
  primary key (organisation_id, layout_id, version),
  constraint layout_version_layout foreign key (organisation_id, layout_id) references catalog.layout,
  constraint layout_version_hash_is_sha256 check (length(content_hash) = 32)
);
call platform.fence('catalog.layout_version');
create trigger layout_version_is_append_only before update or delete or truncate on catalog.layout_version
  for each statement execute function platform.refuse_change();
grant select, insert on catalog.layout_version to turnout_app;
