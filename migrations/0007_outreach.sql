-- Outreach: every message that leaves, what became of it, and the built-in mailbox.
create schema outreach;
grant usage on schema outreach to turnout_app;

create table outreach.message (
  id              uuid primary key,
  organisation_id uuid,
  dedupe_key      text not null constraint message_is_unique unique,
  template        text not null,
  recipient       text not null,
  subject         text not null,
  html            text not null,
  body            text not null,
  attachments     jsonb not null default '[]',
  state           text not null,
  attempts        integer not null default 0,
  failure         text,
  created_at      timestamptz not null,
  sent_at         timestamptz,
  constraint message_state check (state in ('queued', 'sent', 'kept', 'failed'))
);
create index message_by_age on outreach.message (created_at desc, id desc);
alter table outreach.message enable row level security;
alter table outreach.message force row level security;
-- Sign-in mail has no organisation; a tenant sees its own; the mailbox and the delivery job run as the system.
create policy tenant on outreach.message using (organisation_id = platform.tenant()) with check (organisation_id = platform.tenant());
create policy system on outreach.message using (platform.scope() = 'system') with check (platform.scope() = 'system');
grant select, insert, update on outreach.message to turnout_app;
