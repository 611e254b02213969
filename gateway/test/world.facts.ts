/** What the small world holds: people, a plan and what came of it, a service and what the public says of it, trainings. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Graph } from '../../scripts/src/graph.client.js';
import { importRows, whenKnown } from '../../scripts/src/seed/graph.js';
import { grant, registerAgency } from '../../scripts/src/seed/staff.js';
import { placesIn } from '../../scripts/src/start.plan.js';

export const YEAR = 2026;

/** Handle → row of the table of people. Numbers with serials 9xx are given to nobody. */
const STAFF = {
  head: ['197003051996031901', 'Hasan', 'DINAS', 'Kepala Dinas', 'JPT', true],
  supervisor: ['197507121998022902', 'Rohana', 'DINAS-B1', 'Kepala Bidang', 'ADMINISTRATOR', true],
  employee: ['199001012015012901', 'Siti Aminah', 'DINAS-B1', 'Pranata Layanan', 'FUNGSIONAL', false],
  colleague: ['199102022016021901', 'Budi', 'DINAS-B1', 'Pengolah Data', 'PELAKSANA', false],
  hr: ['198803032012032901', 'Rina', 'BKPSDM', 'Analis SDM', 'FUNGSIONAL', false],
} as const;
const ELSEWHERE = {
  'hr-elsewhere': ['198904042013042901', 'Cut', 'BKPSDM', 'Analis SDM', 'FUNGSIONAL', false],
} as const;

export type Handle = keyof typeof STAFF | keyof typeof ELSEWHERE | 'system';
type Row = (typeof STAFF)[keyof typeof STAFF] | (typeof ELSEWHERE)[keyof typeof ELSEWHERE];

/** What the employee's plan holds, and what came of it. */
export const PLAN = {
  quantity: { target: 120, realised: [30, 25] },
  time: { target: 5, realised: 6 },
  quality: { target: 90, realised: 81 },
};
/** The answers of every form, by element: all say the same. */
export const ANSWERS = {
  persyaratan: 4,
  prosedur: 3,
  waktu: 2,
  biaya: 4,
  produk: 3,
  kompetensi: 3,
  perilaku: 4,
  pengaduan: 3,
  sarana: 3,
};
export const RESPONDENTS = 40;
/** Hours of a training that is over, of a day that they fill. */
export const HOURS_BEFORE = 8;
/** Hours of a training that waits to be completed, over two days. */
export const HOURS_WAITING = 16;

/** Enters all of it, with the rights of those who would; gives the ids of what tests ask for. */
export async function fill(system: Graph, dataDir: string, signIn: (handle: Handle) => Promise<Graph>) {
  const there = await enterAgency(system, 'Kota Contoh', STAFF);
  const other = await enterAgency(system, 'Kota Lain', ELSEWHERE);
  const people = { ...there.people, ...other.people } as Record<Exclude<Handle, 'system'>, string>;
  const file = Object.entries(people).map(([handle, employeeId]) => ({
    handle,
    employeeId,
    name: handle,
    description: '',
  }));
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(placesIn(dataDir).people, JSON.stringify(file));
  for (const [handle, agencyId] of [
    ['hr', there.agencyId],
    ['hr-elsewhere', other.agencyId],
  ] as const) {
    await grant(system, { employeeId: people[handle], role: 'HR', agencyId, validFrom: '2026-01-01' });
  }
  for (const handle of Object.keys(people) as Handle[]) await signIn(handle);
  const hr = await signIn('hr');
  const { agencyId } = there;
  await whenKnown(() =>
    system.ask(`mutation ($input: OpenPeriodInput!) { openPeriod(input: $input) { period { id } } }`, {
      input: { agencyId, year: YEAR },
    }),
  );
  await enterWork(hr, agencyId, people.employee);
  const serviceId = await enterService(hr, agencyId, there.unitId, people.employee);
  const courseId = await enterLearning(hr, agencyId, people.employee);
  const enrolmentId = await openPlace(hr, courseId, people.employee, 'WAITS', HOURS_WAITING);
  return { people, agencyId, unitId: there.unitId, serviceId, courseId, enrolmentId };
}

/** An agency with its units and people. The operator is a personnel officer of it while they are entered. */
async function enterAgency(system: Graph, name: string, staff: Readonly<Record<string, Row>>) {
  const agencyId = await registerAgency(system, { name, timeZone: 'Asia/Jakarta' } as never);
  const right = await grant(system, { subject: 'system', role: 'HR', agencyId, validFrom: '2026-01-01' });
  const unit = (code: string, unitName: string, kind: string, parentCode: string | null) => ({
    code,
    name: unitName,
    kind,
    parentCode,
    validFrom: '2020-01-01',
  });
  await importRows(system, 'importUnits', 'ImportUnitsInput', { agencyId }, [
    unit('DINAS', 'Dinas Pelayanan', 'PERANGKAT_DAERAH', null),
    unit('DINAS-B1', 'Bidang Layanan', 'BIDANG', 'DINAS'),
    unit('BKPSDM', 'BKPSDM', 'PERANGKAT_DAERAH', null),
  ]);
  await importRows(
    system,
    'importEmployees',
    'ImportEmployeesInput',
    { agencyId },
    Object.values(staff).map(personRow),
  );
  const { employeesByNip } = await system.ask<{ employeesByNip: { employee: { id: string } }[] }>(
    'query ($agencyId: ID!, $nips: [String!]!) { employeesByNip(agencyId: $agencyId, nips: $nips) { employee { id } } }',
    { agencyId, nips: Object.values(staff).map(([nip]) => nip) },
  );
  const { units } = await system.ask<{ units: { edges: { node: { id: string; code: string } }[] } }>(
    'query ($agencyId: ID!) { units(agencyId: $agencyId) { edges { node { id code } } } }',
    { agencyId },
  );
  await system.ask('mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { grant { id } } }', {
    input: { grantId: right, reason: 'All are entered.' },
  });
  const people = Object.fromEntries(Object.keys(staff).map((handle, n) => [handle, employeesByNip[n]!.employee.id]));
  return { agencyId, people, unitId: units.edges.find(({ node }) => node.code === 'DINAS-B1')!.node.id };
}

function personRow([nip, name, unitCode, positionTitle, positionKind, leading]: Row) {
  const serviceFrom = `${nip.slice(8, 12)}-${nip.slice(12, 14)}-01`;
  return {
    ...{ nip, name, unitCode, positionTitle, positionKind, leading, serviceFrom },
    ...{
      kind: 'PNS',
      assignmentKind: 'DEFINITIF',
      decreeNumber: 'SK/1',
      decreeDate: '2021-01-04',
      validFrom: '2021-02-01',
    },
  };
}

async function enterWork(hr: Graph, agencyId: string, employeeId: string): Promise<void> {
  const indicator = (name: string, aspect: string, target: number) => ({
    name,
    aspect,
    target,
    unit: 'satuan',
    evidenceSource: 'laporan',
  });
  const result = (title: string, kind: string, ...indicators: object[]) => ({ title, kind, indicators });
  await importRows(hr, 'importPlans', 'ImportPlansInput', { agencyId, year: YEAR }, [
    {
      employeeId,
      agreedOn: '2026-01-05',
      workResults: [
        result('Berkas selesai', 'UTAMA', indicator('Berkas', 'QUANTITY', PLAN.quantity.target)),
        result('Layanan cepat', 'UTAMA', indicator('Lama', 'TIME', PLAN.time.target)),
        result('Inovasi', 'TAMBAHAN', indicator('Mutu', 'QUALITY', PLAN.quality.target)),
      ],
    },
  ]);
  const realised = (name: string, quantity: number, day: number) => ({
    ...{ employeeId, indicator: name, quantity, realisedOn: `2026-02-${10 + day}`, evidence: { text: 'laporan' } },
  });
  await importRows(hr, 'importRealisations', 'ImportRealisationsInput', { agencyId, year: YEAR }, [
    ...PLAN.quantity.realised.map((quantity, n) => realised('Berkas', quantity, n)),
    realised('Lama', PLAN.time.realised, 0),
    realised('Mutu', PLAN.quality.realised, 0),
  ]);
}

async function enterService(hr: Graph, agencyId: string, unitId: string, employeeId: string): Promise<string> {
  const standards = [{ name: 'Berkas', requirements: 'KTP-el', limit: { quantity: 1, unit: 'WORKING_DAYS' }, fee: 0 }];
  await importRows(hr, 'importServices', 'ImportServicesInput', { agencyId }, [
    { unitId, code: 'KTP', name: 'Penerbitan KTP-el', standards },
  ]);
  const { unit } = await hr.ask<{ unit: { services: { edges: { node: { id: string } }[] } } }>(
    'query ($id: ID!) { unit(id: $id) { services { edges { node { id } } } } }',
    { id: unitId },
  );
  const serviceId = unit.services.edges[0]!.node.id;
  await hr.ask('mutation ($input: AssignServiceInput!) { assignService(input: $input) { employee { id } } }', {
    input: { employeeId, serviceId, validFrom: '2026-01-01' },
  });
  const { issuePaperBatch } = await hr.ask<{ issuePaperBatch: { batchCode: string } }>(
    'mutation ($input: IssuePaperBatchInput!) { issuePaperBatch(input: $input) { batchCode } }',
    { input: { serviceId, count: RESPONDENTS, issuedOn: '2026-01-05' } },
  );
  const forms = Array.from({ length: RESPONDENTS }, (_, n) => ({
    ...{ batchCode: issuePaperBatch.batchCode, number: n + 1, answeredOn: '2026-01-20', answers: ANSWERS },
  }));
  await importRows(hr, 'importSurveyResponses', 'ImportSurveyResponsesInput', { serviceId }, forms);
  return serviceId;
}

async function enterLearning(hr: Graph, agencyId: string, employeeId: string): Promise<string> {
  const course = {
    code: 'PP',
    title: 'Pelayanan Prima',
    form: 'PELATIHAN_TEKNIS',
    hours: 40,
    competency: 'M.05',
    provider: 'BKPSDM',
  };
  await importRows(hr, 'importCourses', 'ImportCoursesInput', { agencyId }, [course]);
  await importRows(hr, 'importTrainingRecords', 'ImportTrainingRecordsInput', { agencyId }, [
    {
      employeeId,
      courseCode: 'PP',
      hours: HOURS_BEFORE,
      certificateNumber: 'LAMA-1',
      startsOn: '2026-02-10',
      endsOn: '2026-02-10',
    },
  ]);
  const { courses } = await hr.ask<{ courses: { edges: { node: { id: string } }[] } }>(
    'query ($agencyId: ID!) { courses(agencyId: $agencyId) { edges { node { id } } } }',
    { agencyId },
  );
  return courses.edges[0]!.node.id;
}

/** A session of its own for someone, begun and not completed. */
export async function openPlace(
  hr: Graph,
  courseId: string,
  employeeId: string,
  code: string,
  hours = 1,
): Promise<string> {
  const session = { courseId, code, startsOn: '2026-03-02', endsOn: '2026-03-03', quota: 1, maxHours: hours };
  const { scheduleSession } = await hr.ask<{ scheduleSession: { session: { id: string } } }>(
    'mutation ($input: ScheduleSessionInput!) { scheduleSession(input: $input) { session { id } } }',
    { input: session },
  );
  const { enrol } = await whenKnown(() =>
    hr.ask<{ enrol: { enrolment: { id: string } } }>(
      'mutation ($input: EnrolInput!) { enrol(input: $input) { enrolment { id } } }',
      {
        input: { sessionId: scheduleSession.session.id, employeeId },
      },
    ),
  );
  return enrol.enrolment.id;
}
