-- When each fact was entered, and what was known before: a snapshot tells the aggregates of this service as the events
-- that brought them about, with their times. What was entered before these columns were there has the time of its id, or
-- of this migration.

-- Each last day that an assignment was ever said to have, and when it was said.
create table assignment_end (
  assignment_id uuid not null references assignment,
  valid_to date not null,
  recorded_at timestamptz not null,
  primary key (assignment_id, recorded_at)
);
insert into assignment_end (assignment_id, valid_to, recorded_at)
select e.assignment_id, e.valid_to, e.recorded_at
  from directory_assignment_end e join assignment a on a.id = e.assignment_id
 where e.valid_to is not null;

alter table agency add column recorded_at timestamptz not null default clock_timestamp();
update agency set recorded_at = coalesce(uuid_extract_timestamp(id), clock_timestamp());

alter table unit add column recorded_at timestamptz not null default clock_timestamp();
alter table unit add column ended_recorded_at timestamptz;
update unit
   set recorded_at = coalesce(uuid_extract_timestamp(id), clock_timestamp()),
       ended_recorded_at = case when valid_to is not null then clock_timestamp() end;
alter table unit_name add column recorded_at timestamptz not null default clock_timestamp();
alter table unit_parent add column recorded_at timestamptz not null default clock_timestamp();

alter table employee add column recorded_at timestamptz not null default clock_timestamp();
alter table employee add column left_recorded_at timestamptz;
update employee
   set recorded_at = coalesce(uuid_extract_timestamp(id), clock_timestamp()),
       left_recorded_at = case when left_on is not null then clock_timestamp() end;
alter table employment add column recorded_at timestamptz not null default clock_timestamp();

alter table service_assignment add column recorded_at timestamptz not null default clock_timestamp();
alter table service_assignment add column ended_recorded_at timestamptz;
update service_assignment
   set recorded_at = coalesce(uuid_extract_timestamp(id), clock_timestamp()),
       ended_recorded_at = case when valid_to is not null then clock_timestamp() end;
