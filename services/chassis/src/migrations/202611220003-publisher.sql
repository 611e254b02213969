-- What a publisher says beside its events: the same ones once more, and where its aggregates stand.

-- The run of snapshots that a row belongs to; null for an ordinary event.
alter table outbox add column snapshot uuid;
-- How often the row was put back in line after it had been published.
alter table outbox add column replays int not null default 0;

-- A snapshot carries the number of its aggregate's last event, so numbers are unique among events only.
create unique index outbox_number on outbox (aggregate_type, aggregate_id, aggregate_seq) where snapshot is null;
alter table outbox drop constraint outbox_aggregate_type_aggregate_id_aggregate_seq_key;
-- What a run has in line: the next of its chunks waits while it is much, and its end until it is none.
create index outbox_snapshot on outbox (snapshot) where snapshot is not null and published_at is null;

-- Grows when this database was restored from a backup: its aggregates' numbers may then stand for other events than those
-- that readers have had under them. The first timeline, 1, has no row.
create table timeline (
  timeline int primary key check (timeline > 1),
  raised_at timestamptz not null default clock_timestamp(),
  raised_by text not null,
  reason text not null
);

-- Each time that the state of all aggregates is told anew, and how far that is.
create table snapshot_run (
  id uuid primary key,
  requested_at timestamptz not null default clock_timestamp(),
  requested_by text not null,
  reason text not null,
  -- The one aggregate that it is about; null for all.
  subject text,
  -- From the first chunk on.
  started_at timestamptz,
  timeline int,
  -- The last aggregate told; nothing is left to tell from told_at on.
  aggregate_type text,
  aggregate_id uuid,
  aggregates int not null default 0,
  -- Snapshots that no record can hold. A run that has one tells nobody that it is complete.
  too_large int not null default 0,
  told_at timestamptz,
  ended_at timestamptz
);
create index snapshot_run_open on snapshot_run (requested_at) where ended_at is null;

-- How many events were published, by the UTC day on which they were recorded. Counted once each, in the statement that
-- marks them, and never trimmed: what consumers applied is compared with it.
create table published_count (
  type text not null,
  day date not null,
  published bigint not null,
  primary key (type, day)
) with (fillfactor = 50);
