-- Events out (outbox and its relay) and events in (offsets, sequences, dead letters) of one service.

-- The number of the last event of each aggregate. An upsert holds its row until commit, so numbers are contiguous and in
-- commit order.
create table event_sequence (
  aggregate_type text not null,
  aggregate_id uuid not null,
  last_seq int not null,
  primary key (aggregate_type, aggregate_id)
) with (fillfactor = 80);

-- Events written beside the changes that caused them, until the relay has published them and their retention is over.
create table outbox (
  id bigint generated always as identity primary key,
  event_id uuid not null unique,
  aggregate_type text not null,
  aggregate_id uuid not null,
  aggregate_seq int not null,
  key text not null,
  type text not null,
  payload bytea not null,
  headers jsonb not null default '{}',
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  published_at timestamptz,
  attempts int not null default 0,
  last_error text,
  parked boolean not null default false,
  unique (aggregate_type, aggregate_id, aggregate_seq)
) with (autovacuum_vacuum_scale_factor = 0.02);
create index outbox_waiting on outbox (id) where published_at is null and not parked;
create index outbox_parked on outbox (key) where parked;
create index outbox_published on outbox (published_at) where published_at is not null;

-- Who may do a thing that only one process at a time should do. Rows, and not session locks, because a pooler in
-- transaction mode gives a session to everyone in turn; the database's clock, because those of processes differ. The
-- epoch grows with each new holder: what an earlier one still tries to write down is refused by it.
create table lease (
  name text primary key,
  holder uuid not null,
  epoch bigint not null,
  expires_at timestamptz not null
);

-- How far each partition is applied, in the same transaction as what was applied.
create table consumer_offset (
  topic text not null,
  partition int not null,
  next_offset bigint not null default 0,
  -- The log that the offset belongs to, and the record before it: how a log that was made anew is told.
  cluster_id text,
  last_event_id text,
  -- The time of the last event or heartbeat: what is derived holds as of then.
  as_of timestamptz,
  primary key (topic, partition)
) with (fillfactor = 50);

-- The last event applied of each aggregate of each publisher. Never trimmed: it is what makes an effect happen once.
create table applied_sequence (
  source text not null,
  aggregate text not null,
  last_seq int not null,
  last_event_id text not null,
  primary key (source, aggregate)
) with (fillfactor = 80);

-- Records that could not be applied, whole, and those of the same key that wait behind them. A key is parked while it
-- has a row that waits.
create table dead_letter (
  id bigint generated always as identity primary key,
  -- Absent when the record does not even carry an id.
  event_id text unique,
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  key text not null,
  sequence int,
  headers jsonb not null,
  value bytea not null,
  code text not null,
  message text not null,
  attempts int not null,
  parked_at timestamptz not null default clock_timestamp(),
  state text not null default 'WAITING' check (state in ('WAITING', 'RETRIED', 'DISCARDED')),
  settled_at timestamptz,
  settled_by text,
  settled_reason text,
  check ((state = 'WAITING') = (settled_at is null)),
  check (num_nonnulls(settled_at, settled_by, settled_reason) in (0, 3))
);
create index dead_letter_waiting on dead_letter (topic, key) where state = 'WAITING';
