-- An append-only log for the events of one machine, in a database of its own, as a broker would be.

-- Names this log. One that was made anew has another name, and readers begin at its start.
create table log_identity (cluster_id uuid primary key default gen_random_uuid());
insert into log_identity default values;

create table log_topic (
  topic text primary key,
  partitions int not null check (partitions > 0)
);

-- Where the next record of each partition will stand. An append holds its row until commit, so offsets have no gaps and
-- are in commit order.
create table log_partition (
  topic text not null references log_topic,
  partition int not null,
  next_offset bigint not null default 0,
  primary key (topic, partition)
) with (fillfactor = 50);

create table log (
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  key text not null,
  headers jsonb not null,
  value bytea not null,
  appended_at timestamptz not null default clock_timestamp(),
  primary key (topic, partition, "offset")
);
-- For retention by age; rows lie in the order in which they came.
create index log_age on log using brin (appended_at);

-- How far each group has read.
create table log_group_offset (
  group_name text not null,
  topic text not null,
  partition int not null,
  next_offset bigint not null default 0,
  primary key (group_name, topic, partition)
) with (fillfactor = 50);

-- Which process of a group reads; see the lease of the same shape in a service's own database.
create table lease (
  name text primary key,
  holder uuid not null,
  epoch bigint not null,
  expires_at timestamptz not null
);
