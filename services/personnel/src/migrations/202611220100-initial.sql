-- Who works where: agencies, units, positions, employees, and what holds of them from when to when.
-- Intervals run from valid_from to valid_to, both included, and are open while valid_to is null.

-- Lets an exclusion constraint compare a uuid for equality beside a range for overlap.
create extension if not exists btree_gist;
-- Finds a part of a name without reading every name.
create extension if not exists pg_trgm;

create table agency (
  id uuid primary key,
  name text not null,
  time_zone text not null
);
create unique index agency_name on agency (lower(name));

create table unit (
  id uuid primary key,
  agency_id uuid not null references agency,
  code text not null,
  kind text not null check (kind in ('PERANGKAT_DAERAH', 'KECAMATAN', 'UPTD', 'KELURAHAN', 'SEKRETARIAT', 'BAGIAN',
    'BIDANG', 'SUBBAGIAN', 'SUBBIDANG', 'SEKSI', 'LAINNYA')),
  valid_from date not null,
  -- A unit that was merged on its first day ended the day before.
  valid_to date check (valid_to >= valid_from - 1),
  merged_into uuid references unit,
  version int not null,
  constraint unit_code unique (agency_id, code),
  check (merged_into is null or valid_to is not null)
);
create index unit_order on unit (code, id);

create table unit_name (
  unit_id uuid not null references unit,
  valid_from date not null,
  name text not null,
  primary key (unit_id, valid_from)
);

create table unit_parent (
  unit_id uuid not null references unit,
  valid_from date not null,
  parent_id uuid references unit,
  primary key (unit_id, valid_from),
  check (parent_id <> unit_id)
);
create index unit_parent_children on unit_parent (parent_id);

create table position (
  id uuid primary key,
  unit_id uuid not null references unit,
  title text not null,
  kind text not null check (kind in ('JPT', 'ADMINISTRATOR', 'PENGAWAS', 'FUNGSIONAL', 'PELAKSANA')),
  -- `leading` alone is a word of SQL.
  is_leading boolean not null,
  -- What an assignment refers to, so that its copy of `is_leading` cannot differ.
  unique (id, is_leading)
);
create unique index position_title on position (unit_id, lower(title));
-- Led by two, a unit would leave open who supervises.
create unique index position_leader on position (unit_id) where is_leading;

create table employee (
  id uuid primary key,
  name text not null,
  kind text not null check (kind in ('PNS', 'CPNS', 'PPPK', 'PPPK_PARUH_WAKTU')),
  service_from date not null,
  contract_from date,
  contract_to date check (contract_to >= contract_from),
  left_on date,
  version int not null,
  check (num_nonnulls(contract_from, contract_to) = case when kind in ('PPPK', 'PPPK_PARUH_WAKTU') then 2 else 0 end)
);
create index employee_order on employee (name, id);
create index employee_name on employee using gin (name gin_trgm_ops);

-- The one place where identity numbers stand, corrections aside: it makes each of them one person's.
create table identity_number (
  number text primary key check (number ~ '^[0-9]{18}$'),
  employee_id uuid not null unique references employee
);

-- Which agency employs a person. One at a time.
create table employment (
  employee_id uuid not null references employee,
  agency_id uuid not null references agency,
  valid_from date not null,
  valid_to date check (valid_to >= valid_from),
  primary key (employee_id, valid_from),
  constraint employment_one_at_a_time
    exclude using gist (employee_id with =, daterange(valid_from, valid_to, '[]') with &&)
);
create index employment_agency on employment (agency_id, employee_id);

-- What stood before a correction, why it was made and by whom.
create table employee_correction (
  id uuid primary key,
  employee_id uuid not null references employee,
  before jsonb not null,
  reason text not null,
  actor text not null,
  recorded_at timestamptz not null
);
create index employee_correction_employee on employee_correction (employee_id);

create table assignment (
  id uuid primary key,
  employee_id uuid not null references employee,
  position_id uuid not null,
  is_leading boolean not null,
  kind text not null check (kind in ('DEFINITIF', 'PLT', 'PLH', 'RANGKAP')),
  valid_from date not null,
  valid_to date check (valid_to >= valid_from),
  decree_number text not null,
  decree_date date not null,
  recorded_at timestamptz not null,
  ended_recorded_at timestamptz,
  annulled_at timestamptz,
  annul_reason text,
  foreign key (position_id, is_leading) references position (id, is_leading),
  check ((annulled_at is null) = (annul_reason is null)),
  -- The rules refuse all three with a clear word before this; the constraints make them true even if a rule forgets a lock.
  constraint assignment_one_definitive_holder
    exclude using gist (position_id with =, daterange(valid_from, valid_to, '[]') with &&)
    where (is_leading and kind = 'DEFINITIF' and annulled_at is null),
  constraint assignment_one_definitive_position
    exclude using gist (employee_id with =, daterange(valid_from, valid_to, '[]') with &&)
    where (kind = 'DEFINITIF' and annulled_at is null),
  constraint assignment_same_position_once
    exclude using gist (employee_id with =, position_id with =, daterange(valid_from, valid_to, '[]') with &&)
    where (annulled_at is null)
);
create index assignment_employee on assignment (employee_id, valid_from, id);
create index assignment_position on assignment (position_id);

create table supervisor_override (
  id uuid primary key,
  employee_id uuid not null references employee,
  supervisor_id uuid not null references employee,
  valid_from date not null,
  valid_to date check (valid_to >= valid_from),
  reason text not null,
  recorded_at timestamptz not null,
  withdrawn_at timestamptz,
  withdraw_reason text,
  check (supervisor_id <> employee_id),
  check ((withdrawn_at is null) = (withdraw_reason is null)),
  constraint supervisor_override_one_at_a_time
    exclude using gist (employee_id with =, daterange(valid_from, valid_to, '[]') with &&) where (withdrawn_at is null)
);

create table availability (
  id uuid primary key,
  employee_id uuid not null references employee,
  away_from date not null,
  away_to date not null check (away_to >= away_from),
  kind text not null,
  recorded_at timestamptz not null,
  cancelled_at timestamptz,
  constraint availability_once
    exclude using gist (employee_id with =, daterange(away_from, away_to, '[]') with &&) where (cancelled_at is null)
);
create index availability_employee on availability (employee_id, away_from, id);

create table service_assignment (
  id uuid primary key,
  employee_id uuid not null references employee,
  service_id uuid not null,
  valid_from date not null,
  -- The day before valid_from when the person never served after all; the range is empty then.
  valid_to date check (valid_to >= valid_from - 1),
  constraint service_assignment_once
    exclude using gist (employee_id with =, service_id with =, daterange(valid_from, valid_to + 1) with &&)
);
create index service_assignment_employee on service_assignment (employee_id, valid_from, id);

create table role_grant (
  id uuid primary key,
  subject text not null,
  role text not null,
  agency_id uuid references agency,
  unit_id uuid references unit,
  valid_from date not null,
  -- Before valid_from when it was revoked before it began.
  valid_to date,
  decree_number text,
  decree_date date,
  recorded_at timestamptz not null,
  revoked_at timestamptz,
  revoke_reason text,
  check (case role
    when 'HR' then agency_id is not null and unit_id is null
    when 'OFFICER' then agency_id is not null
    when 'AUDITOR' then agency_id is not null and unit_id is null
    when 'ADMIN' then num_nonnulls(agency_id, unit_id) = 0
    else false end),
  check ((revoked_at is null) = (revoke_reason is null)),
  check (revoked_at is not null or valid_to >= valid_from)
);
create index role_grant_subject on role_grant (subject, valid_from, id);
