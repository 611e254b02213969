-- Every event of a service, a complaint and a calendar, for as long as they are there: what a complaint came to depends on
-- each of its steps, and the outbox keeps them for two weeks. They are few, and hold nothing private.
create table event_history (
  id bigint generated always as identity primary key,
  event_id uuid not null unique,
  aggregate_type text not null,
  aggregate_id uuid not null,
  key text not null,
  agency_id uuid,
  type text not null,
  payload bytea not null,
  occurred_at timestamptz not null
);
create index event_history_aggregate on event_history (aggregate_type, aggregate_id, id);
insert into event_history (event_id, aggregate_type, aggregate_id, key, agency_id, type, payload, occurred_at)
select event_id, aggregate_type, aggregate_id, key, (headers->>'ce_agency')::uuid, type, payload, occurred_at
  from outbox where snapshot is null and aggregate_type in ('service', 'complaint', 'calendar') order by id;
