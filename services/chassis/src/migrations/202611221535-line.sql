-- What waits to be published stands in a narrow table beside the outbox, whose rows are from now on written once and not
-- again until they are removed: marking a row moved it with its payload, and wrote every one of its indexes anew. What is
-- parked stands in a table of its own, so that who reads the line neither walks over it nor plans for it.
lock table outbox;
alter index outbox_parked rename to outbox_parked_before;
create table outbox_line (
  -- The row of the outbox. Its place: the lowest is published first.
  id bigint primary key,
  -- The row's run of snapshots; null for an event.
  snapshot uuid,
  -- It was published before, and is not counted again.
  again boolean not null default false,
  -- How often it was parked.
  attempts int not null default 0
) with (
  -- All of it goes by within minutes, and a reader walks over what is gone until it is cleaned. The empty end is kept: it is
  -- filled again at once, and giving it back locks the table.
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, vacuum_truncate = off
);
insert into outbox_line (id, snapshot, again, attempts)
select id, snapshot, replays > 0, attempts from outbox where published_at is null and not parked order by id;
-- What a run has in line: the next of its chunks waits while it is much, and its end until it is none.
create index outbox_line_snapshot on outbox_line (snapshot) where snapshot is not null;

-- What was refused, and what waits behind it for its key: out of the line until it is let go.
create table outbox_parked (
  id bigint primary key,
  key text not null,
  snapshot uuid,
  again boolean not null,
  attempts int not null,
  last_error text
);
create index outbox_parked_key on outbox_parked (key);
insert into outbox_parked (id, key, snapshot, again, attempts, last_error)
select id, key, snapshot, replays > 0, attempts, last_error from outbox where published_at is null and parked;

drop index outbox_waiting, outbox_parked_before, outbox_published, outbox_snapshot;
alter table outbox
  drop column published_at, drop column attempts, drop column last_error, drop column parked, drop column replays;

-- Ids are drawn by the statement that writes both tables. One that names no id, as a process of the version before, stands
-- its row in line as well, so that no event is lost while both run.
create sequence outbox_row;
select setval('outbox_row', greatest(last_value, 1), is_called) from outbox_id_seq;
create function outbox_in_line() returns bigint language sql as
  $$ insert into outbox_line (id) values (nextval('outbox_row')) returning id $$;
alter table outbox alter column id drop identity, alter column id set default outbox_in_line();
alter sequence outbox_row owned by outbox.id;
