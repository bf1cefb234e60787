-- Payments: what providers were asked for, what they said, and what was given back.
create schema payments;
grant usage on schema payments to turnout_app;

create table payments.payment (
  organisation_id uuid not null,
  id              uuid not null,
  order_id        uuid not null,
  description     text not null,
  provider        text,
  provider_ref    text,
  state           text not null,
  amount          bigint not null,
  currency        char(3) not null,
  checkout_url    text,
  failure         text,
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  succeeded_at    timestamptz,
  version         bigint not null default 1,
  primary key (organisation_id, id),
  constraint payment_id_is_unique unique (id),
  constraint payment_reference_is_unique unique (provider, provider_ref),
  constraint payment_state check (state in ('created', 'pending', 'succeeded', 'failed', 'cancelled')),
  constraint payment_amount_is_positive check (amount > 0),
  -- Who was asked is written down before the question is asked; an answer has the provider's reference.
  constraint payment_provider check (state in ('created', 'cancelled') or (provider is not null and provider_ref is not null)),
  constraint payment_succeeded_at check ((state = 'succeeded') = (succeeded_at is not null))
);
create index payment_by_order on payments.payment (organisation_id, order_id);
create index payment_open on payments.payment (created_at) where state in ('created', 'pending');
call platform.fence('payments.payment');
create policy system_read on payments.payment for select using (platform.scope() = 'system');
grant select, insert, update on payments.payment to turnout_app;

create table payments.refund (
  organisation_id uuid not null,
  id              uuid not null,
  payment_id      uuid not null,
  amount          bigint not null,
  currency        char(3) not null,
  reason          text not null,
  state           text not null,
  provider_ref    text,
  failure         text,
  created_at      timestamptz not null,
  settled_at      timestamptz,
  version         bigint not null default 1,
  primary key (organisation_id, id),
  constraint refund_payment foreign key (organisation_id, payment_id) references payments.payment,
  constraint refund_state check (state in ('requested', 'sent', 'succeeded', 'failed')),
  constraint refund_amount_is_positive check (amount > 0)
);
create index refund_by_payment on payments.refund (organisation_id, payment_id);
call platform.fence('payments.refund');
grant select, insert, update on payments.refund to turnout_app;

-- Webhooks as they came, once each; processed by a job, in any order.
create table payments.webhook_inbox (
  provider     text not null,
  event_id     text not null,
  payload      jsonb not null,
  received_at  timestamptz not null,
  processed_at timestamptz,
  outcome      text,
  primary key (provider, event_id)
);
create index webhook_inbox_waiting on payments.webhook_inbox (received_at) where processed_at is null;
grant select, insert, update on payments.webhook_inbox to turnout_app;

-- The built-in test provider: the far side of the wire, as a real provider would keep it. Only its own pages write here.
create table payments.test_checkout (
  id              text primary key,
  idempotency_key text not null constraint test_checkout_key_is_unique unique,
  amount          bigint not null,
  currency        char(3) not null,
  description     text not null,
  metadata        jsonb not null,
  return_url      text not null,
  webhook_url     text not null,
  state           text not null,
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  -- When the money of a paid checkout arrives: at once, or later when the buyer chose to pay late.
  settles_at      timestamptz,
  constraint test_checkout_amount_is_positive check (amount > 0),
  constraint test_checkout_state check (state in ('open', 'paid', 'declined')),
  constraint test_checkout_settles_at check ((state = 'paid') = (settles_at is not null))
);
grant select, insert, update on payments.test_checkout to turnout_app;
create table payments.test_refund (
  id              text primary key,
  idempotency_key text not null constraint test_refund_key_is_unique unique,
  checkout_id     text not null references payments.test_checkout,
  amount          bigint not null,
  created_at      timestamptz not null,
  constraint test_refund_amount_is_positive check (amount > 0)
);
create index test_refund_by_checkout on payments.test_refund (checkout_id);
grant select, insert on payments.test_refund to turnout_app;
