-- One row for each mutation that was given an idempotency key, written in the mutation's own transaction: the row is
-- there if and only if the mutation had its effect. Kept for 24 hours.
create table idempotency (
  subject text not null,
  mutation text not null,
  key text not null,
  input_hash bytea not null,
  -- What the command answered: ids. Null only inside the transaction that made the row.
  result jsonb,
  created_at timestamptz not null default now(),
  primary key (subject, mutation, key)
);

-- For the removal of what has expired.
create index idempotency_created_at on idempotency (created_at);
