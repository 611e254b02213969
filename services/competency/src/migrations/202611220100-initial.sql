-- Courses, trainings and the hours that count. What the law says stands in the first tables, as data with the day from
-- which it holds, its source, and whether the figure was read there or in a text that quotes it.

-- Competencies that are the same for every position (PermenPANRB 38/2017). Technical ones are each ministry's own.
create table competency (
  code text primary key,
  name text not null,
  area text not null check (area in ('MANAGERIAL', 'SOCIO_CULTURAL')),
  source text not null,
  verified boolean not null
);
insert into competency (code, name, area, source, verified) values
  ('M.01', 'Integritas', 'MANAGERIAL', 'PermenPANRB 38/2017', true),
  ('M.02', 'Kerjasama', 'MANAGERIAL', 'PermenPANRB 38/2017', true),
  ('M.03', 'Komunikasi', 'MANAGERIAL', 'PermenPANRB 38/2017', true),
  ('M.04', 'Orientasi pada Hasil', 'MANAGERIAL', 'PermenPANRB 38/2017', true),
  ('M.05', 'Pelayanan Publik', 'MANAGERIAL', 'PermenPANRB 38/2017', true),
  ('M.06', 'Pengembangan Diri dan Orang Lain', 'MANAGERIAL', 'PermenPANRB 38/2017', true),
  ('M.07', 'Mengelola Perubahan', 'MANAGERIAL', 'PermenPANRB 38/2017', true),
  ('M.08', 'Pengambilan Keputusan', 'MANAGERIAL', 'PermenPANRB 38/2017', true),
  ('M.09', 'Perekat Bangsa', 'SOCIO_CULTURAL', 'PermenPANRB 38/2017', false);

-- The ways in which competency is developed (PerLAN 10/2018).
create table training_form (
  code text primary key,
  name text not null,
  mode text not null check (mode in ('KLASIKAL', 'NONKLASIKAL')),
  source text not null,
  verified boolean not null
);
insert into training_form (code, name, mode, source, verified)
select code, name, mode, 'PerLAN 10/2018', false
  from (values
    ('PELATIHAN_STRUKTURAL', 'Pelatihan struktural kepemimpinan', 'KLASIKAL'),
    ('PELATIHAN_MANAJERIAL', 'Pelatihan manajerial', 'KLASIKAL'),
    ('PELATIHAN_TEKNIS', 'Pelatihan teknis', 'KLASIKAL'),
    ('PELATIHAN_FUNGSIONAL', 'Pelatihan fungsional', 'KLASIKAL'),
    ('PELATIHAN_SOSIAL_KULTURAL', 'Pelatihan sosial kultural', 'KLASIKAL'),
    ('SEMINAR', 'Seminar, konferensi, sarasehan', 'KLASIKAL'),
    ('WORKSHOP', 'Workshop, lokakarya', 'KLASIKAL'),
    ('KURSUS', 'Kursus', 'KLASIKAL'),
    ('PENATARAN', 'Penataran', 'KLASIKAL'),
    ('BIMBINGAN_TEKNIS', 'Bimbingan teknis', 'KLASIKAL'),
    ('SOSIALISASI', 'Sosialisasi', 'KLASIKAL'),
    ('KLASIKAL_LAINNYA', 'Klasikal lainnya', 'KLASIKAL'),
    ('COACHING', 'Coaching', 'NONKLASIKAL'),
    ('MENTORING', 'Mentoring', 'NONKLASIKAL'),
    ('E_LEARNING', 'E-learning', 'NONKLASIKAL'),
    ('PELATIHAN_JARAK_JAUH', 'Pelatihan jarak jauh', 'NONKLASIKAL'),
    ('DETASERING', 'Detasering', 'NONKLASIKAL'),
    ('OUTBOND', 'Outbond', 'NONKLASIKAL'),
    ('PATOK_BANDING', 'Patok banding', 'NONKLASIKAL'),
    ('PERTUKARAN', 'Pertukaran PNS dengan swasta, BUMN atau BUMD', 'NONKLASIKAL'),
    ('BELAJAR_MANDIRI', 'Belajar mandiri', 'NONKLASIKAL'),
    ('KOMUNITAS_BELAJAR', 'Komunitas belajar', 'NONKLASIKAL'),
    ('BIMBINGAN_DI_TEMPAT_KERJA', 'Bimbingan di tempat kerja', 'NONKLASIKAL'),
    ('MAGANG', 'Magang', 'NONKLASIKAL'),
    ('NONKLASIKAL_LAINNYA', 'Nonklasikal lainnya', 'NONKLASIKAL')
  ) as f (code, name, mode);

-- What trainings of a form count for at most. The row without a form is for all forms that have none of their own; of
-- several rows for a form, that with the latest valid_from not after a training's first day holds.
create table hour_cap (
  id int primary key,
  form text references training_form,
  per text not null check (per in ('DAY', 'ACTIVITY', 'SESSION')),
  hours numeric(6, 2) not null check (hours >= 0),
  -- Of a form's sessions in a calendar month, so many count.
  sessions_per_month int check (sessions_per_month >= 0),
  valid_from date not null,
  source text not null,
  verified boolean not null,
  unique nulls not distinct (form, valid_from),
  check ((per = 'SESSION') = (sessions_per_month is not null))
);
insert into hour_cap (id, form, per, hours, sessions_per_month, valid_from, source, verified) values
  (1, null, 'DAY', 8, null, '1970-01-01', 'A working day holds at most eight learning hours of 45 minutes', false),
  (2, 'COACHING', 'SESSION', 2, 2, '2018-01-01', 'PerLAN 10/2018, annex', false),
  (3, 'MENTORING', 'SESSION', 2, 2, '2018-01-01', 'PerLAN 10/2018, annex', false),
  (4, 'MAGANG', 'ACTIVITY', 20, null, '2018-01-01', 'PerLAN 10/2018, annex', false),
  (5, 'DETASERING', 'ACTIVITY', 20, null, '2018-01-01', 'PerLAN 10/2018, annex', false),
  (6, 'PERTUKARAN', 'ACTIVITY', 20, null, '2018-01-01', 'PerLAN 10/2018, annex', false),
  (7, 'PATOK_BANDING', 'ACTIVITY', 10, null, '2018-01-01', 'PerLAN 10/2018, annex', false),
  (8, 'BELAJAR_MANDIRI', 'DAY', 2, null, '2018-01-01', 'PerLAN 10/2018, annex', false),
  (9, 'KOMUNITAS_BELAJAR', 'DAY', 2, null, '2018-01-01', 'PerLAN 10/2018, annex', false);

-- The most that counts in a year of contract; by the row in force on the contract year's first day.
create table contract_cap (
  kind text not null check (kind in ('PNS', 'CPNS', 'PPPK', 'PPPK_PARUH_WAKTU')),
  hours numeric(6, 2) not null check (hours >= 0),
  valid_from date not null,
  source text not null,
  verified boolean not null,
  primary key (kind, valid_from)
);
insert into contract_cap (kind, hours, valid_from, source, verified) values
  ('PPPK', 24, '2018-11-28', 'PP 49/2018', true),
  ('PPPK_PARUH_WAKTU', 24, '2018-11-28', 'PP 49/2018, applied to part-time contracts', false);

-- What a person is entitled to in a full calendar year; by the row in force on its first day.
create table learning_entitlement (
  kind text not null check (kind in ('PNS', 'CPNS', 'PPPK', 'PPPK_PARUH_WAKTU')),
  hours numeric(6, 2) not null check (hours >= 0),
  valid_from date not null,
  source text not null,
  verified boolean not null,
  primary key (kind, valid_from)
);
insert into learning_entitlement (kind, hours, valid_from, source, verified) values
  ('PNS', 20, '2017-04-07', 'PP 11/2017 as amended by PP 17/2020', true),
  ('CPNS', 20, '2017-04-07', 'PP 11/2017 as amended by PP 17/2020, applied to candidates', false),
  ('PPPK', 24, '2018-11-28', 'PP 49/2018', true),
  ('PPPK_PARUH_WAKTU', 24, '2018-11-28', 'PP 49/2018, applied to part-time contracts', false);

create table course (
  id uuid primary key,
  -- Whose catalogue it stands in.
  agency_id uuid not null,
  code text not null,
  title text not null,
  form text not null references training_form,
  method text,
  hours int not null check (hours > 0),
  -- One of the two: a competency of every position, or a technical one in words.
  competency_code text references competency,
  technical_competency text,
  provider text not null,
  created_at timestamptz not null default now(),
  unique (agency_id, code),
  check (num_nonnulls(competency_code, technical_competency) = 1)
);
create index course_title on course (title, id);

create table session (
  id uuid primary key,
  course_id uuid not null references course,
  code text not null,
  starts_on date not null,
  ends_on date not null,
  -- Minutes after midnight between which it meets on each day, if that is known.
  meets_from int check (meets_from between 0 and 1439),
  meets_to int check (meets_to between 1 and 1440),
  quota int not null check (quota > 0),
  max_hours int not null check (max_hours > 0),
  created_at timestamptz not null default now(),
  unique (course_id, code),
  check (starts_on <= ends_on),
  check (num_nonnulls(meets_from, meets_to) in (0, 2) and meets_from < meets_to)
);
create index session_course on session (course_id, starts_on, id);

-- A person's place in a session and what came of it; or a training that was entered when it was over.
create table enrolment (
  id uuid primary key,
  employee_id uuid not null,
  course_id uuid not null references course,
  session_id uuid references session,
  status text not null,
  version int not null,
  enrolled_at timestamptz not null,
  hours int,
  certificate_number text,
  -- In milliseconds, as it leaves and comes back.
  completed_at timestamptz(3),
  starts_on date,
  ends_on date,
  verified boolean,
  -- The event that last set the result.
  event_id uuid,
  reason text,
  check (session_id is not null or status in ('COMPLETED', 'REVOKED')),
  check (case status
    when 'ENROLLED' then num_nonnulls(hours, certificate_number, completed_at, starts_on, ends_on, verified, event_id, reason) = 0
    when 'WITHDRAWN' then num_nonnulls(hours, certificate_number, completed_at, starts_on, ends_on, verified, event_id) = 0 and reason is not null
    when 'COMPLETED' then num_nonnulls(hours, certificate_number, completed_at, starts_on, ends_on, verified, event_id) = 7 and reason is null
    when 'REVOKED' then num_nonnulls(hours, certificate_number, completed_at, starts_on, ends_on, verified, event_id, reason) = 8
    else false end)
);
create index enrolment_employee on enrolment (employee_id, id);
-- One place in a session for a person, unless it was given back.
create unique index enrolment_session on enrolment (session_id, employee_id) where status in ('ENROLLED', 'COMPLETED');

-- What a result was before it was corrected or revoked, by whom and why. Rows are added, never changed.
create table enrolment_change (
  event_id uuid primary key,
  enrolment_id uuid not null references enrolment,
  kind text not null check (kind in ('CORRECTED', 'REVOKED')),
  reason text not null,
  actor text,
  recorded_at timestamptz not null,
  -- The event whose result this was.
  replaced_event_id uuid not null,
  hours int not null,
  certificate_number text not null,
  completed_at timestamptz(3) not null,
  starts_on date not null,
  ends_on date not null,
  verified boolean not null
);
create index enrolment_change_enrolment on enrolment_change (enrolment_id, recorded_at);

-- Each certificate number once for its provider in an agency, however many tables or partitions hold the trainings.
create table certificate (
  agency_id uuid not null,
  -- Both in lower case, with single spaces: how an office writes them varies.
  provider text not null,
  number text not null,
  enrolment_id uuid not null unique,
  primary key (agency_id, provider, number)
);

-- One row for each person whose hours are counted: it is locked while they are.
create table learner (
  employee_id uuid primary key
) with (fillfactor = 50);

-- The years in which hours have begun to fall due in an agency, as performance said.
create table learning_year (
  agency_id uuid not null,
  year int not null,
  primary key (agency_id, year)
);

-- What counts for a person in a calendar year, as it was last published.
create table ledger (
  id uuid primary key,
  employee_id uuid not null,
  year int not null,
  recorded numeric(9, 2) not null,
  counted numeric(9, 2) not null,
  entitlement numeric(6, 2) not null,
  version bigint not null,
  unique (employee_id, year),
  check (0 <= counted and counted <= recorded)
) with (fillfactor = 80);

-- The records behind a ledger, those that count for nothing included.
create table ledger_record (
  ledger_id uuid not null references ledger,
  enrolment_id uuid not null references enrolment,
  event_id uuid not null,
  starts_on date not null,
  hours numeric(9, 2) not null,
  counted numeric(9, 2) not null,
  reason text,
  primary key (ledger_id, enrolment_id),
  check (0 <= counted and counted <= hours),
  check ((reason is null) = (counted = hours))
);
