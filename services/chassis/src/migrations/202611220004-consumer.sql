-- What a consumer knows beside how far it is: histories, counts, ends of snapshots, and read models being built anew.

-- The history that the number belongs to. A number of 0 says that whatever comes next on this timeline is the next one.
alter table applied_sequence add column timeline int not null default 1;
-- Absent where a snapshot said how things stand and not which event was the last.
alter table applied_sequence alter column last_event_id drop not null;

-- False for a topic that carries no heartbeats: it does not count in how fresh things are.
alter table consumer_offset add column heartbeats boolean not null default true;
-- The read models that are being built anew from this topic. It stands in the row that every chunk locks first, and is
-- changed under that lock in all partitions at once: so a chunk is either done before the rebuild was opened, or sees it.
alter table consumer_offset add column rebuilding text[] not null default '{}';

alter table dead_letter drop constraint dead_letter_state_check;
alter table dead_letter add constraint dead_letter_state_check
  check (state in ('WAITING', 'RETRIED', 'DISCARDED', 'SUPERSEDED'));
-- A damaged record came again whole since it was tried last.
alter table dead_letter add column renewed boolean not null default false;

-- On which partitions a publisher's run of snapshots has ended.
create table snapshot_seen (
  source text not null,
  run text not null,
  topic text not null,
  timeline int not null,
  partitions int[] not null,
  primary key (source, run)
);

-- The latest history of a publisher of which a whole snapshot was taken in.
create table source_timeline (
  source text primary key,
  timeline int not null
);

-- What became of the events of each type and day (UTC, by when they were recorded), counted in the transaction that had
-- their effect. Covered are those that were jumped over by a snapshot, in which their effect is.
create table applied_count (
  topic text not null,
  partition int not null,
  type text not null,
  day date not null,
  applied bigint not null,
  discarded bigint not null,
  covered bigint not null,
  primary key (topic, partition, type, day)
) with (fillfactor = 50);

-- A read model built a second time, in the schema rebuild_<model>, while the first goes on.
create table rebuild (
  -- Also the id of the snapshot that was asked for.
  id uuid primary key,
  model text not null,
  source text not null,
  topic text not null,
  state text not null default 'FILLING' check (state in ('FILLING', 'READY', 'FAILED', 'SWAPPED', 'DROPPED')),
  requested_by text not null,
  reason text not null,
  started_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz,
  settled_by text,
  settled_reason text,
  error text,
  -- What a comparison within the rebuild itself found, where the model is not fed by a topic.
  compared jsonb,
  check ((state in ('SWAPPED', 'DROPPED')) = (settled_at is not null)),
  check (num_nonnulls(settled_at, settled_by, settled_reason) in (0, 3))
);
create unique index rebuild_open on rebuild (model) where state in ('FILLING', 'READY', 'FAILED');
