-- What agencies agreed with partner agencies: whose machine client may read of whom, from when to when.

create table directory_agreement (
  id uuid primary key,
  -- As the client's tokens name it.
  client_id text not null,
  -- The agency that signed. Only people whom it employs are shared.
  agency_id uuid not null,
  valid_from date not null,
  -- Before valid_from when it ended before it began.
  valid_to date
);
create index directory_agreement_client on directory_agreement (client_id);

-- The people whom an agreement names.
create table directory_agreement_employee (
  agreement_id uuid not null,
  employee_id uuid not null,
  primary key (agreement_id, employee_id)
);

-- The units that it names: with their people, and those of the units below.
create table directory_agreement_unit (
  agreement_id uuid not null,
  unit_id uuid not null,
  primary key (agreement_id, unit_id)
);
