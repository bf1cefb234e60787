-- Identity: accounts, sign-in, sessions and tokens, organisations and their members.
create schema identity;
grant usage on schema identity to turnout_app;

create table identity.account (
  id               uuid primary key,
  email            text not null,
  email_normalised text not null constraint account_email_is_unique unique,
  name             text not null default '',
  locale           text not null default 'en',
  created_at       timestamptz not null
);
grant select, insert, update on identity.account to turnout_app;

-- One attempt to sign in: a 6-digit code and a link, both single use, bound to the browser that asked.
create table identity.sign_in (
  id               uuid primary key,
  email            text not null,
  email_normalised text not null,
  code_hash        bytea not null,
  link_hash        bytea not null constraint sign_in_link_is_unique unique,
  browser_hash     bytea not null,
  return_to        text not null default '',
  attempts         smallint not null default 0,
  is_mailed        boolean not null, -- false beyond the hourly limit: no mail went out and no code can be right
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  used_at          timestamptz,
  constraint sign_in_attempts_are_limited check (attempts between 0 and 5)
);
create index sign_in_by_email on identity.sign_in (email_normalised, created_at);
create index sign_in_by_age on identity.sign_in (expires_at);
grant select, insert, update, delete on identity.sign_in to turnout_app;

create table identity.session (
  id           uuid primary key,
  account_id   uuid not null references identity.account,
  kind         text not null,
  token_hash   bytea constraint session_token_is_unique unique,
  user_agent   text not null default '',
  created_at   timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at   timestamptz not null,
  revoked_at   timestamptz,
  constraint session_kind check (kind in ('browser', 'api')),
  constraint session_token_by_kind check ((kind = 'browser') = (token_hash is not null))
);
create index session_by_account on identity.session (account_id, created_at);
grant select, insert, update on identity.session to turnout_app;

-- Refresh tokens of one API session form a family; at most one of them is live (RFC 9700 section 4.14.2).
create table identity.refresh_token (
  id         uuid primary key,
  session_id uuid not null references identity.session,
  token_hash bytea not null constraint refresh_token_is_unique unique,
  state      text not null,
  created_at timestamptz not null,
  rotated_at timestamptz,
  constraint refresh_token_state check (state in ('live', 'rotated', 'revoked'))
);
create unique index one_live_refresh_token_a_session on identity.refresh_token (session_id) where state = 'live';
grant select, insert, update on identity.refresh_token to turnout_app;

-- RS256 keys that sign access tokens; published as JWKS (RFC 7517) until they retire.
create table identity.signing_key (
  id             text primary key,
  private_sealed bytea not null,
  public_jwk     jsonb not null,
  created_at     timestamptz not null,
  retires_at     timestamptz not null
);
grant select, insert, update on identity.signing_key to turnout_app;

create table identity.organisation (
  organisation_id uuid primary key,
  slug            text not null constraint organisation_slug_is_unique unique,
  name            text not null,
  contact_email   text not null,
  currency        char(3) not null,
  time_zone       text not null,
  version         bigint not null default 1,
  created_at      timestamptz not null
);
call platform.fence('identity.organisation');
create policy public_read on identity.organisation for select using (platform.scope() in ('public', 'account', 'system'));
grant select, insert, update on identity.organisation to turnout_app;

create table identity.member (
  organisation_id uuid not null references identity.organisation,
  account_id      uuid not null references identity.account,
  role            text not null,
  created_at      timestamptz not null,
  primary key (organisation_id, account_id),
  constraint member_role check (role in ('owner', 'manager', 'box_office', 'door', 'viewer'))
);
create index member_by_account on identity.member (account_id);
call platform.fence('identity.member');
create policy own on identity.member for select using (account_id = platform.account());
grant select, insert, update, delete on identity.member to turnout_app;

create table identity.invitation (
  organisation_id  uuid not null references identity.organisation,
  id               uuid not null,
  email            text not null,
  email_normalised text not null,
  role             text not null,
  token_hash       bytea not null constraint invitation_token_is_unique unique,
  invited_by       uuid not null references identity.account,
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  accepted_at      timestamptz,
  revoked_at       timestamptz,
  primary key (organisation_id, id),
  constraint invitation_role check (role in ('owner', 'manager', 'box_office', 'door', 'viewer'))
);
create unique index one_open_invitation_an_address on identity.invitation (organisation_id, email_normalised)
  where accepted_at is null and revoked_at is null;
call platform.fence('identity.invitation');
grant select, insert, update on identity.invitation to turnout_app;

create table identity.api_key (
  organisation_id uuid not null references identity.organisation,
  id              uuid not null,
  name            text not null,
  hint            text not null,
  secret_hash     bytea not null,
  scopes          text[] not null,
  created_by      uuid not null references identity.account,
  created_at      timestamptz not null,
  last_used_at    timestamptz,
  expires_at      timestamptz,
  revoked_at      timestamptz,
  primary key (organisation_id, id),
  constraint api_key_secret_is_unique unique (organisation_id, secret_hash)
);
call platform.fence('identity.api_key');
grant select, insert, update on identity.api_key to turnout_app;
