-- Public services and their standards, satisfaction surveys, complaints, and the calendar that complaints run by.
-- Ids of units, agencies and employees are personnel's: they may be unknown here yet, so nothing refers to them by a
-- foreign key.

create table public_service (
  id uuid primary key,
  agency_id uuid not null,
  unit_id uuid not null,
  -- The agency's own short name of the service, by which files refer to it.
  code text not null,
  name text not null,
  -- Always read and written as a whole: name, requirements, limit and fee of each.
  standards jsonb not null,
  version int not null,
  unique (agency_id, code)
);
-- A unit's services in the order of their names, page by page.
create index public_service_unit on public_service (unit_id, name, id);

-- Survey tokens or numbered paper forms that a service handed out.
create table survey_batch (
  id uuid primary key,
  service_id uuid not null references public_service,
  kind text not null check (kind in ('TOKEN', 'FORM')),
  -- Printed on each form beside its number.
  code text unique,
  size int not null check (size > 0),
  issued_on date not null,
  check ((kind = 'FORM') = (code is not null))
);
create index survey_batch_service on survey_batch (service_id, issued_on);

-- Only the hash: whoever reads this table can answer no survey. Nothing leads from an answer back to its token.
create table survey_token (
  hash bytea primary key,
  batch_id uuid not null references survey_batch,
  used boolean not null default false
) with (fillfactor = 80);
create index survey_token_batch on survey_token (batch_id);

-- One answered survey. No time, only the day, and a random id: neither tells who stood at the counter.
create table survey_response (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references public_service,
  answered_on date not null,
  -- By a token, or by the number of a form that was handed out. Others are kept and never counted.
  counted boolean not null,
  -- A counted form's place in its batch.
  batch_id uuid references survey_batch,
  number int,
  -- What tells an uncounted form from others, so that the same file enters nothing twice.
  content text,
  persyaratan smallint not null check (persyaratan between 1 and 4),
  prosedur smallint not null check (prosedur between 1 and 4),
  waktu smallint not null check (waktu between 1 and 4),
  biaya smallint not null check (biaya between 1 and 4),
  produk smallint not null check (produk between 1 and 4),
  kompetensi smallint not null check (kompetensi between 1 and 4),
  perilaku smallint not null check (perilaku between 1 and 4),
  pengaduan smallint not null check (pengaduan between 1 and 4),
  sarana smallint not null check (sarana between 1 and 4),
  check (num_nonnulls(batch_id, number) in (0, 2)),
  check (counted = (content is null)),
  check (counted or number is null),
  -- A form's number is used once.
  unique (batch_id, number),
  unique (service_id, content)
);
create index survey_response_counted on survey_response (service_id, answered_on) where counted;

-- N: how many people a service served in a month.
create table people_served (
  service_id uuid not null references public_service,
  month text not null check (month ~ '^\d{4}-\d{2}$'),
  people int not null check (people >= 0),
  primary key (service_id, month)
);

-- Months of a service whose figures have changed since they were last measured.
create table survey_due (
  service_id uuid not null references public_service,
  month text not null,
  primary key (service_id, month)
);

-- The satisfaction with a service from 1 January to a month's end. Never changed but for being replaced.
create table satisfaction_measurement (
  id uuid primary key,
  -- In which order they were made.
  n bigint generated always as identity,
  service_id uuid not null references public_service,
  unit_id uuid not null,
  year int not null,
  window_to date not null,
  respondents int not null,
  population int,
  persyaratan bigint not null,
  prosedur bigint not null,
  waktu bigint not null,
  biaya bigint not null,
  produk bigint not null,
  kompetensi bigint not null,
  perilaku bigint not null,
  pengaduan bigint not null,
  sarana bigint not null,
  -- The one that this one replaces: a chain, so each is replaced once.
  supersedes_id uuid unique references satisfaction_measurement,
  in_force boolean not null,
  measured_at timestamptz not null
);
-- One figure holds for a service and year; two processes that measure at once cannot make two of them.
create unique index satisfaction_in_force on satisfaction_measurement (service_id, year) where in_force;
create unique index satisfaction_first on satisfaction_measurement (service_id, year) where supersedes_id is null;
create index satisfaction_measurement_unit on satisfaction_measurement (unit_id, year) where in_force;

-- The days of a year on which an agency does not work; the national ones have no agency.
create table work_calendar (
  id uuid primary key,
  agency_id uuid,
  year int not null,
  -- Date and name of each, in order.
  holidays jsonb not null,
  source text not null,
  verified boolean not null,
  version int not null,
  unique nulls not distinct (agency_id, year)
);

create table complaint (
  id uuid primary key,
  -- The public number; what opens the complaint to its sender is another, and is not stored.
  tracking_id text not null unique,
  -- The number that it had in an earlier system.
  reference text,
  service_id uuid not null references public_service,
  unit_id uuid not null,
  agency_id uuid not null,
  status text not null,
  received_at timestamptz not null,
  verify_by timestamptz not null,
  -- Employees whom it names: it is never routed to them.
  named uuid[] not null default '{}',
  class text check (class in ('INFORMATION', 'SIMPLE', 'WITHOUT_FIELD_CHECK', 'WITH_FIELD_CHECK')),
  forwarded_at timestamptz,
  runs_since timestamptz,
  used_days int,
  used_minutes int,
  due_at timestamptz,
  deadline_passed boolean,
  handler_id uuid,
  resolved_at timestamptz,
  in_time boolean,
  reopened_at timestamptz,
  rejected_at timestamptz,
  -- What was written: none of it leaves in an event, and nothing is public before it was moderated.
  text text,
  answer text,
  reason text,
  public_text text,
  -- Rahasia: never published.
  confidential boolean not null,
  unique (agency_id, reference),
  check (not confidential or public_text is null),
  -- Each row is one of the states that the rules know.
  check (case status
    when 'RECEIVED' then num_nonnulls(class, forwarded_at, runs_since, used_days, used_minutes, due_at, deadline_passed, handler_id, resolved_at, in_time, reopened_at, rejected_at) = 0
    when 'FORWARDED' then num_nonnulls(class, forwarded_at, runs_since, used_days, used_minutes, due_at, deadline_passed) = 7 and num_nonnulls(handler_id, resolved_at, in_time, reopened_at, rejected_at) = 0
    when 'RESOLVED' then num_nonnulls(class, forwarded_at, runs_since, used_days, used_minutes, due_at, deadline_passed, handler_id, resolved_at, in_time) = 10 and num_nonnulls(reopened_at, rejected_at) = 0
    when 'REOPENED' then num_nonnulls(class, forwarded_at, runs_since, used_days, used_minutes, due_at, deadline_passed, handler_id, resolved_at, in_time, reopened_at) = 11 and rejected_at is null
    when 'REJECTED' then rejected_at is not null and num_nonnulls(class, forwarded_at, runs_since, used_days, used_minutes, due_at, deadline_passed, handler_id, resolved_at, in_time, reopened_at) = 0
    else false end)
);
create index complaint_unit on complaint (unit_id, received_at desc, id desc);
-- The clocks that run: few, whatever the number of complaints.
create index complaint_running on complaint (due_at) where status in ('FORWARDED', 'REOPENED') and not deadline_passed;
create index complaint_open on complaint (agency_id) where status in ('RECEIVED', 'FORWARDED', 'REOPENED');

-- Who complained, if they said so. Apart from the complaint, so that no query about complaints reads it by the way.
create table complaint_reporter (
  complaint_id uuid primary key references complaint,
  name text not null,
  contact text not null
);

-- Each time that someone was shown who complained, and why. Never changed or removed.
create table reporter_reveal (
  id uuid primary key,
  complaint_id uuid not null references complaint,
  revealed_by text not null,
  reason text not null,
  revealed_at timestamptz not null
);
create index reporter_reveal_complaint on reporter_reveal (complaint_id);

-- From what survey tokens and the senders' secrets are made, where the configuration names no key of its own.
create table feedback_key (
  id boolean primary key default true check (id),
  key bytea not null default sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
);
insert into feedback_key default values;
