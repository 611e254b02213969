-- A read model of people, units, supervisors and grants, built from personnel's events in every service's own database.
-- Between aggregates events come in any order, so nothing here refers to anything else by a foreign key.
-- Dates are the agency's; an interval includes both its days and is open while its last day is null.

create table directory_agency (
  id uuid primary key,
  name text not null,
  time_zone text not null
);

create table directory_unit (
  id uuid primary key,
  agency_id uuid not null,
  name text not null,
  -- The last day on which it existed.
  closed_on date,
  -- The unit that took it in, from the day after closed_on.
  merged_into uuid
);

-- What a unit hangs under from a day on; the row of the latest day counts.
create table directory_unit_parent (
  unit_id uuid not null,
  parent_id uuid,
  valid_from date not null,
  primary key (unit_id, valid_from)
);
create index directory_unit_parent_parent on directory_unit_parent (parent_id);

create table directory_employee (
  id uuid primary key,
  kind text not null check (kind in ('PNS', 'CPNS', 'PPPK', 'PPPK_PARUH_WAKTU')),
  service_from date not null,
  contract_from date,
  contract_to date,
  -- The last day of service.
  left_on date
);

-- Which agency employs a person from a day on.
create table directory_employment (
  employee_id uuid not null,
  agency_id uuid not null,
  valid_from date not null,
  primary key (employee_id, valid_from)
);
create index directory_employment_agency on directory_employment (agency_id);

create table directory_assignment (
  id uuid primary key,
  employee_id uuid not null,
  position_id uuid not null,
  unit_id uuid not null,
  -- Reserved in SQL: quoted, or behind its table's name.
  "leading" boolean not null,
  kind text not null check (kind in ('DEFINITIF', 'PLT', 'PLH', 'RANGKAP')),
  position_title text not null,
  valid_from date not null,
  -- The last day as it is known now; directory_assignment_end has what was known before.
  valid_to date,
  recorded_at timestamptz not null,
  ended_recorded_at timestamptz,
  annulled_at timestamptz
);
create index directory_assignment_employee on directory_assignment (employee_id);
create index directory_assignment_unit on directory_assignment (unit_id);
-- Who leads a unit is asked for at every judgement of a supervisor; one row in a hundred leads.
create index directory_assignment_leading on directory_assignment (unit_id) where "leading";

-- Each last day that an assignment was ever said to have, and when it was said.
create table directory_assignment_end (
  assignment_id uuid not null,
  valid_to date,
  recorded_at timestamptz not null,
  primary key (assignment_id, recorded_at)
);

-- Each statement about who supervises a person beside the rule; no supervisor means that the rule holds again.
create table directory_supervisor_override (
  id uuid not null,
  employee_id uuid not null,
  supervisor_id uuid,
  valid_from date not null,
  valid_to date,
  recorded_at timestamptz not null,
  primary key (id, recorded_at)
);
create index directory_supervisor_override_employee on directory_supervisor_override (employee_id);
create index directory_supervisor_override_supervisor on directory_supervisor_override (supervisor_id);

create table directory_grant (
  id uuid primary key,
  -- An employee's id, or the subject of a token for those who are no employees.
  subject text not null,
  role text not null check (role in ('HR', 'OFFICER', 'AUDITOR', 'ADMIN')),
  agency_id uuid,
  unit_id uuid,
  valid_from date not null,
  valid_to date
);
create index directory_grant_subject on directory_grant (subject);
