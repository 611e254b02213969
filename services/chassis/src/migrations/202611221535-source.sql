-- Who published the events that were counted: to a topic of all services each publishes its own. A service's topic has one
-- publisher, after whom it is named; of what was read from the others until now it is not known, and '' says so.
lock table applied_count;
alter table applied_count rename to applied_by_source;
alter index applied_count_pkey rename to applied_by_source_pkey;
create function source_of(topic text) returns text language sql immutable as $$
  select case when split_part(topic, '.', 2) in ('access', 'requests') then '' else '/merit/' || split_part(topic, '.', 2) end $$;
alter table applied_by_source add column source text not null default '';
update applied_by_source set source = source_of(topic);
alter table applied_by_source alter column source drop default;
alter table applied_by_source drop constraint applied_by_source_pkey,
  add primary key (topic, partition, source, type, day);

-- What a process of the version before counts, which knows no source, is counted as well while both run: else its
-- statement would fail, and it would set aside what it reads.
create table applied_count (
  topic text not null,
  partition int not null,
  type text not null,
  day date not null,
  applied bigint not null,
  discarded bigint not null,
  covered bigint not null,
  primary key (topic, partition, type, day)
);
create function applied_without_source() returns trigger language plpgsql as $$ begin
  insert into applied_by_source as c (topic, partition, source, type, day, applied, discarded, covered)
  values (new.topic, new.partition, source_of(new.topic), new.type, new.day, new.applied, new.discarded, new.covered)
  on conflict (topic, partition, source, type, day) do update
    set applied = c.applied + excluded.applied, discarded = c.discarded + excluded.discarded,
        covered = c.covered + excluded.covered;
  return null;
end $$;
create trigger applied_without_source before insert on applied_count
  for each row execute function applied_without_source();
