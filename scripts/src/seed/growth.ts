/** The third part of the seed: courses, who has finished them this year, and one place that waits to be completed. */
import type { Graph } from '../graph.client.js';
import { type Chance, chanceOf } from './chance.js';
import { importRows, whenKnown } from './graph.js';
import type { Staff } from './staff.js';
import { day, daysAgo, LAST_MONTH, YEAR } from './when.js';

const course = (code: string, title: string, form: string, hours: number, competency: string, provider: string) => ({
  ...{ code, title, form, hours, competency, provider },
});

export const COURSES = [
  course('PUB-01', 'Pelayanan Publik Prima', 'PELATIHAN_TEKNIS', 16, 'M.05', 'BKPSDM'),
  course('KOM-01', 'Komunikasi Publik', 'BIMBINGAN_TEKNIS', 8, 'M.03', 'BKPSDM'),
  course('TI-01', 'Aplikasi Perkantoran dan Keamanan Informasi', 'E_LEARNING', 6, 'Teknologi informasi', 'Diskominfo'),
  course('ADM-01', 'Manajemen Administrasi Publik', 'PELATIHAN_MANAJERIAL', 24, 'M.04', 'BPSDM Provinsi'),
  course('INT-01', 'Etika dan Integritas ASN', 'SEMINAR', 4, 'M.01', 'Inspektorat'),
  course('PIM-01', 'Kepemimpinan Pengawas', 'PELATIHAN_STRUKTURAL', 40, 'M.08', 'BPSDM Provinsi'),
  course('TAN-01', 'Teknologi Pertanian', 'WORKSHOP', 10, 'Penyuluhan pertanian', 'BPSDM Provinsi'),
  course('NIL-01', 'Literasi Penilaian Kinerja', 'SOSIALISASI', 3, 'M.06', 'BKPSDM'),
  course('MDR-01', 'Belajar Mandiri Peraturan ASN', 'BELAJAR_MANDIRI', 4, 'M.06', 'BKPSDM'),
  course('MTR-01', 'Mentoring Pejabat Baru', 'MENTORING', 2, 'M.06', 'BKPSDM'),
] as const;

/** The catalogue and this year's finished trainings of an agency: from none to three a person. Answers each one's hours. */
export async function enterTrainings(graph: Graph, { seed, agencyId, people }: Staff): Promise<Map<string, number>> {
  await importRows(graph, 'importCourses', 'ImportCoursesInput', { agencyId }, COURSES);
  const chance = chanceOf(`trainings of ${seed.short}`);
  const rows = people.flatMap(({ employeeId }, n) =>
    drawCourses(chance).map((code, k) =>
      trainingRow(chance, employeeId, code, `${seed.short.toUpperCase()}/${YEAR}/${n + 1}-${k + 1}`),
    ),
  );
  await importRows(graph, 'importTrainingRecords', 'ImportTrainingRecordsInput', { agencyId }, rows);
  const hours = new Map(people.map(({ employeeId }) => [employeeId, 0]));
  for (const row of rows) hours.set(row.employeeId, hours.get(row.employeeId)! + row.hours);
  return hours;
}

function drawCourses(chance: Chance): string[] {
  const wanted = chance.pick([0, 1, 1, 2, 2, 2, 3]);
  const codes = new Set<string>();
  while (codes.size < wanted) codes.add(chance.pick(COURSES).code);
  return [...codes];
}

function trainingRow(chance: Chance, employeeId: string, code: string, certificateNumber: string) {
  const { hours } = COURSES.find((one) => one.code === code)!;
  const month = chance.between(1, LAST_MONTH);
  const first = chance.between(1, 18);
  const endsOn = day(month, first + Math.ceil(hours / 8) - 1);
  return {
    employeeId,
    courseCode: code,
    hours,
    certificateNumber,
    startsOn: day(month, first),
    endsOn,
    completedAt: endsOn,
  };
}

/** A session that has begun, with the example's person enrolled and not finished: the place that a newcomer completes. */
export async function openPlace(graph: Graph, { agencyId }: Staff, employeeId: string): Promise<string> {
  const { courses } = await graph.ask<{ courses: { edges: { node: { id: string; code: string } }[] } }>(
    'query ($agencyId: ID!) { courses(agencyId: $agencyId, first: 100) { edges { node { id code } } } }',
    { agencyId },
  );
  const courseId = courses.edges.find(({ node }) => node.code === 'PUB-01')!.node.id;
  const { scheduleSession } = await graph.ask<{ scheduleSession: { session: { id: string } } }>(
    'mutation ($input: ScheduleSessionInput!) { scheduleSession(input: $input) { session { id } } }',
    {
      input: {
        ...{ courseId, code: 'LATEST', startsOn: daysAgo(6), endsOn: daysAgo(5), quota: 30 },
        idempotencyKey: `seed-session-${courseId}`,
      },
    },
  );
  const { enrol } = await whenKnown(() =>
    graph.ask<{ enrol: { enrolment: { id: string } } }>(
      'mutation ($input: EnrolInput!) { enrol(input: $input) { enrolment { id } } }',
      { input: { sessionId: scheduleSession.session.id, employeeId, idempotencyKey: `seed-enrol-${employeeId}` } },
    ),
  );
  return enrol.enrolment.id;
}
