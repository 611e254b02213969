-- Agreements with partner agencies: whose machine client may read of which people, why, by which decree, and from when to
-- when.

create table agreement (
  id uuid primary key,
  client_id text not null,
  agency_id uuid not null references agency,
  purpose text not null,
  valid_from date not null,
  -- Before valid_from when it was ended before it began.
  valid_to date,
  decree_number text not null,
  decree_date date not null,
  recorded_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  check ((ended_at is null) = (end_reason is null)),
  check (ended_at is not null or valid_to is null or valid_to >= valid_from)
);
create index agreement_agency on agreement (agency_id, valid_from, id);

create table agreement_employee (
  agreement_id uuid not null references agreement,
  employee_id uuid not null references employee,
  primary key (agreement_id, employee_id)
);

create table agreement_unit (
  agreement_id uuid not null references agreement,
  unit_id uuid not null references unit,
  primary key (agreement_id, unit_id)
);
