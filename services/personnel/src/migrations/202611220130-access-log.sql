-- Who read of whom, as the services have said it. Each service's own log says more and is kept by itself; from here the
-- person is shown what was read of them.
create table access_entry (
  id uuid primary key,
  accessed_at timestamptz not null,
  role text not null,
  type text not null,
  fields text[] not null,
  unit_id uuid,
  agency_id uuid,
  -- The machine client of a partner agency.
  client_id text,
  purpose text
);
create index access_entry_at on access_entry using brin (accessed_at);

create table access_entry_person (
  employee_id uuid not null,
  accessed_at timestamptz not null,
  entry_id uuid not null,
  primary key (employee_id, accessed_at, entry_id)
);
create index access_entry_person_at on access_entry_person using brin (accessed_at);

-- For how many days the person is not shown what this audience read: an open inspection must not be given away. How long
-- one is open is not known here, so each of an auditor's reads waits as long. No law names a figure.
create table access_embargo (
  role text primary key,
  days int not null check (days >= 0)
);
insert into access_embargo (role, days) values ('AUDITOR', 180);
