-- Periods, plans, realisations, policies and scores, and what others' events say that scores depend on.
-- Events of different aggregates come in any order, so nothing here refers by a foreign key to what comes from elsewhere.

create table performance_period (
  id uuid primary key,
  agency_id uuid not null,
  year int not null,
  kind text not null check (kind = 'ANNUAL'),
  starts_on date not null,
  ends_on date not null check (ends_on > starts_on),
  -- The agency's zone when the period was opened: a year's days do not shift under its scores.
  time_zone text not null,
  -- The first day of the latest month that has begun.
  checkpoint date,
  closed_on date,
  unique (agency_id, year, kind)
);
create index performance_period_running on performance_period (id) where closed_on is null;

-- Never updated: another version takes over from a later period. `rules` holds every figure that a score needs.
create table scoring_policy (
  id uuid primary key,
  -- Null for the national policy.
  agency_id uuid,
  version text not null,
  valid_from date not null,
  rules jsonb not null,
  source text not null,
  verified boolean not null,
  published_at timestamptz not null,
  unique nulls not distinct (agency_id, version)
);

insert into scoring_policy (id, agency_id, version, valid_from, source, verified, published_at, rules) values (
  '00000000-0000-7000-8000-000000000001', null, '2000-1', '2000-01-01',
  'Merit''s default, to be confirmed by the ministry. The sample is that of Krejcie and Morgan, after PermenPANRB 14/2017.',
  false, '2000-01-01T00:00:00Z',
  '{
    "weights": { "WORK_RESULTS": 60, "BEHAVIOUR": 20, "COMPETENCY": 10, "PUBLIC_FEEDBACK": 10 },
    "bands": [
      { "band": "SESUAI_JALUR", "from": 80 },
      { "band": "PERLU_PERHATIAN", "from": 60 },
      { "band": "TERTINGGAL", "from": 0 }
    ],
    "bandNeeds": { "coverage": 0.8, "availability": 0.5 },
    "workResults": { "main": 0.8, "additional": 0.2, "easingNeedsSuperiorAfter": 0.75 },
    "satisfaction": {
      "share": 0.7,
      "topAnswer": 4,
      "leastRespondents": 10,
      "enoughRespondents": 30,
      "sample": { "chiSquare": 3.841, "proportion": 0.5, "error": 0.05 },
      "headElements": [
        "PERSYARATAN", "PROSEDUR", "WAKTU", "BIAYA", "PRODUK", "KOMPETENSI", "PERILAKU", "PENGADUAN", "SARANA"
      ],
      "staffElements": ["WAKTU", "KOMPETENSI", "PERILAKU", "PENGADUAN"]
    },
    "complaints": { "share": 0.3, "leastDue": 5 },
    "guardrails": {
      "WORK_RESULTS": { "least": 40, "most": 80 },
      "BEHAVIOUR": { "least": 0, "most": 30 },
      "COMPETENCY": { "least": 0, "most": 30 },
      "PUBLIC_FEEDBACK": { "least": 0, "most": 30 }
    }
  }');

-- A plan (SKP) of a person in a period.
create table performance_plan (
  id uuid primary key,
  employee_id uuid not null,
  period_id uuid not null references performance_period,
  agency_id uuid not null,
  year int not null,
  starts_on date not null,
  ends_on date not null check (ends_on >= starts_on),
  status text not null check (status in ('DRAFT', 'AGREED')),
  version int not null,
  -- Null also for a plan that was agreed on paper.
  agreed_by uuid,
  agreed_at timestamptz,
  unique (employee_id, period_id),
  check ((status = 'AGREED') = (agreed_at is not null)),
  check (agreed_by is distinct from employee_id)
);

create table work_result (
  id uuid primary key,
  plan_id uuid not null references performance_plan on delete cascade,
  place int not null,
  title text not null,
  kind text not null check (kind in ('UTAMA', 'TAMBAHAN'))
);
create index work_result_plan on work_result (plan_id);

create table indicator (
  id uuid primary key,
  work_result_id uuid not null references work_result on delete cascade,
  place int not null,
  name text not null,
  aspect text check (aspect in ('QUANTITY', 'QUALITY', 'TIME', 'COST')),
  target numeric(20, 4) check (target >= 0),
  unit text,
  evidence_source text,
  due_dates date[] not null
);
create index indicator_work_result on indicator (work_result_id);

-- What an agreed indicator was before and after each change (R5: both are shown).
create table indicator_revision (
  id uuid primary key,
  indicator_id uuid not null references indicator,
  -- The plan's version with the change.
  plan_version int not null,
  before jsonb not null,
  after jsonb not null,
  reason text not null,
  revised_by text,
  revised_at timestamptz not null
);
create index indicator_revision_indicator on indicator_revision (indicator_id);

-- What was realised. Never updated: a correction is another row that names the one it takes the place of.
create table realisation (
  year int not null,
  id uuid not null,
  plan_id uuid not null,
  indicator_id uuid not null,
  employee_id uuid not null,
  agency_id uuid not null,
  quantity numeric(20, 4) not null check (quantity >= 0),
  realised_on date not null,
  evidence_text text,
  evidence_url text,
  replaces_id uuid,
  reported_by text,
  reported_at timestamptz not null,
  primary key (year, id),
  -- The one in the place of another is of the same plan, so of the same year: a realisation is replaced once.
  unique (year, replaces_id),
  check (num_nonnulls(evidence_text, evidence_url) > 0)
) partition by range (year);
create index realisation_id on realisation (id);
create index realisation_plan on realisation (plan_id);
create index realisation_indicator on realisation (indicator_id, realised_on, id);

-- What a score is folded from: the facts about one person. Never updated; of several versions of a record the highest
-- counts, and one that names another takes its place.
create table fact (
  year int not null,
  -- The event's id: an event twice is a fact once.
  id uuid not null,
  employee_id uuid not null,
  kind text not null check (kind in ('PLAN', 'REALISATION', 'LEARNING_HOURS')),
  -- The plan, the realisation, the ledger.
  record_id uuid not null,
  version bigint not null,
  actor text,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  data jsonb not null,
  primary key (year, id)
) partition by range (year);
create index fact_employee on fact (employee_id, year, kind, record_id, version desc);

-- What is known of a public service: stored once, whoever serves it.
create table service_fact (
  -- The event's id.
  id uuid primary key,
  service_id uuid not null,
  unit_id uuid not null,
  kind text not null check (kind in ('SATISFACTION', 'COMPLAINT')),
  -- The measurement, the complaint.
  record_id uuid not null,
  -- The event's number within its aggregate.
  sequence int not null,
  -- The times that decide in which year it counts: of the window, or of the complaint's step and its limit.
  earliest timestamptz not null,
  latest timestamptz not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  data jsonb not null
);
create index service_fact_service on service_fact (service_id, kind, latest);
create index service_fact_unit on service_fact (unit_id);
create index service_fact_record on service_fact (record_id);

-- The catalogue of public services, as far as scores need it.
create table public_service (
  id uuid primary key,
  unit_id uuid not null
);
create index public_service_unit on public_service (unit_id);

-- Who serves which public service.
create table service_assignment (
  id uuid primary key,
  employee_id uuid not null,
  service_id uuid not null,
  valid_from date not null,
  valid_to date
);
create index service_assignment_employee on service_assignment (employee_id);
create index service_assignment_service on service_assignment (service_id, employee_id);

-- Days on which a person is away from work; never why.
create table absence (
  id uuid primary key,
  employee_id uuid not null,
  away_from date not null,
  away_to date not null,
  cancelled boolean not null
);
create index absence_employee on absence (employee_id);

-- The score of a person and year. The row is there before there is a score: whoever computes it holds its lock.
create table score (
  employee_id uuid not null,
  year int not null,
  id uuid not null unique,
  -- The latest of score_version; 0 before the first.
  version bigint not null default 0,
  -- The month that it holds as of; may be later than that of its latest version.
  checkpoint date,
  primary key (employee_id, year)
) with (fillfactor = 80);

-- Each value that a score has had, with its parts as they were. A version without a value: nothing counted any more.
create table score_version (
  year int not null,
  score_id uuid not null,
  version bigint not null,
  value numeric(5, 2) check (value between 0 and 100),
  band text check (band in ('SESUAI_JALUR', 'PERLU_PERHATIAN', 'TERTINGGAL')),
  coverage numeric(5, 4),
  checkpoint date,
  policy_id uuid,
  -- As text, not as jsonb: two are equal when they are letter by letter.
  parts json not null,
  changed_at timestamptz not null,
  primary key (year, score_id, version),
  check (num_nonnulls(value, coverage, checkpoint, policy_id) in (0, 4))
) partition by range (year);

-- Scores to be computed anew because of something that concerns many: an agency's month has begun, a service was
-- measured. Written in the transaction of that; done in chunks, each of which moves `after` in its own transaction, so
-- that it goes on where it stopped.
create table score_backlog (
  scope text not null check (scope in ('AGENCY', 'SERVICE')),
  scope_id uuid not null,
  year int not null,
  -- People up to this id are done.
  after uuid,
  -- When it was asked for again while it was being done: once more from the beginning.
  again_at timestamptz,
  marked_at timestamptz not null default clock_timestamp(),
  primary key (scope, scope_id, year)
);
create index score_backlog_marked_at on score_backlog (marked_at);

-- One partition a year. What lies outside is kept in the default one, so that nothing is ever refused for want of a table.
do $$
declare
  parent text;
  y int;
begin
  foreach parent in array array['realisation', 'fact', 'score_version'] loop
    for y in 2024..2035 loop
      execute format('create table %I partition of %I for values from (%s) to (%s)', parent || '_' || y, parent, y, y + 1);
    end loop;
    execute format('create table %I partition of %I default', parent || '_other', parent);
  end loop;
end $$;
