-- Who read of whom in this service, as whom and why: a row is there before its answer leaves.
create table access_log (
  id uuid primary key,
  at timestamptz not null,
  -- The same in every service that answered a part of it.
  request_id text not null,
  operation text,
  -- `employee/<id>`, `operator/<subject>`, `client/<id>`.
  viewer text not null,
  -- The audience that let the viewer in.
  role text not null check (role in ('DIRECT_SUPERVISOR', 'SUPERVISOR', 'HR', 'OFFICER', 'PARTNER', 'AUDITOR', 'ADMIN')),
  -- Where the viewer works; null for who is no employee.
  unit_id uuid,
  agency_id uuid,
  -- In the viewer's own words.
  purpose text,
  type text not null,
  fields text[] not null,
  persons uuid[] not null check (cardinality(persons) between 1 and 1000)
);
-- What is only ever added to lies in the order of its time.
create index access_log_at on access_log using brin (at);

-- For how long it is kept. No law names a figure; UU 27/2022 art. 31 demands the record itself.
create table access_log_retention (
  single boolean primary key default true check (single),
  days int not null check (days >= 365)
);
insert into access_log_retention (days) values (1826);

create function keep_access_log() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.at < clock_timestamp() - make_interval(days => (select days from access_log_retention)) then
      return old;
    end if;
  end if;
  raise insufficient_privilege using message = 'access_log is append-only: rows are neither changed nor removed before their time';
end
$$;
create trigger access_log_rows before update or delete on access_log for each row execute function keep_access_log();
create trigger access_log_all before truncate on access_log for each statement execute function keep_access_log();
