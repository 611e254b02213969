-- What people did with events: who, when, what, why, and what came of it. Never trimmed and never changed, but for the
-- outcome of an action that takes several transactions: its row is written before it, and completed after it.
create table operation_audit (
  id bigint generated always as identity primary key,
  action text not null,
  -- What it was done to, as a person would say it: a dead letter's number, a key, a read model.
  target text not null,
  input jsonb not null,
  reason text,
  -- `employee/<id>`, `operator/<subject>`.
  done_by text not null,
  began_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  -- Null while it is under way, or when its process ended in the midst of it.
  outcome text check (outcome in ('DONE', 'FAILED')),
  -- What it gave, or the code and message of why it failed.
  detail jsonb,
  -- The idempotencyKey of an action that was done or is under way; a failed one gives it back.
  request_key text,
  check ((outcome is null) = (ended_at is null))
);
create unique index operation_audit_request on operation_audit (done_by, action, request_key) where request_key is not null;

-- Dead letters in the order in which a person reads them, page by page.
create index dead_letter_listed on dead_letter (state, ((code = 'WAITS')::int), id);
