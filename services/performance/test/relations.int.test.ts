/** Whose year it was: plan and score of a past year, in the eyes of those who had the person then and of those since. */
import { randomUUID } from 'node:crypto';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Viewer } from '@merit/chassis/api/viewer';
import { AssignmentEndedSchema, EmployeeTransferredSchema, Role } from '@merit/proto/personnel';
import {
  AGREE_PLAN,
  admin,
  agencyRegistered,
  as,
  DRAFT_PLAN,
  dataOf,
  employeeRegistered,
  event,
  OPEN_PERIOD,
  oneResult,
  operator,
  positionAssigned,
  REPORT,
  roleGranted,
  scene,
  unitRegistered,
} from './scene.js';

const house = scene('2026-06-15T03:00:00Z');
const { give, graph } = house;
const [kota, kabupaten] = [randomUUID(), randomUUID()];
const [dinas, bidang, kecamatan] = [randomUUID(), randomUUID(), randomUUID()];
const [kadis, kabid, camat, staf, assignmentId] = Array.from({ length: 5 }, () => randomUUID()) as [
  string,
  string,
  string,
  string,
  string,
];
const [hrKota, hrKab, auditor, auditorKab] = ['hr-kota', 'hr-kab', 'auditor', 'auditor-kab'].map(operator) as [
  Viewer,
  Viewer,
  Viewer,
  Viewer,
];
let planId: string;
let indicatorId: string;

const REVISE = `mutation ($input: ReviseIndicatorInput!) { reviseIndicator(input: $input) { plan { version } } }`;
const evidence = { text: 'Rekap SIAK bulan Juni' };

/** A plan and a realisation of 2026; at the end of it the person goes to another agency. */
beforeAll(async () => {
  await give(
    agencyRegistered(kota),
    agencyRegistered(kabupaten),
    unitRegistered(dinas, kota),
    unitRegistered(bidang, kota, dinas),
    unitRegistered(kecamatan, kabupaten),
    ...[kadis, kabid, staf].map((id) => employeeRegistered(id, kota)),
    employeeRegistered(camat, kabupaten),
    positionAssigned(kadis, dinas, { leading: true }),
    positionAssigned(kabid, bidang, { leading: true }),
    positionAssigned(camat, kecamatan, { leading: true }),
    positionAssigned(staf, bidang, { assignmentId }),
    roleGranted('hr-kota', Role.HR, kota),
    roleGranted('hr-kab', Role.HR, kabupaten),
    roleGranted('auditor', Role.AUDITOR, kota),
    roleGranted('auditor-kab', Role.AUDITOR, kabupaten),
  );
  dataOf(await graph(admin, OPEN_PERIOD, { agencyId: kota, year: 2026 }));
  const input = { employeeId: staf, year: 2026, workResults: oneResult() };
  const { plan } = dataOf(await graph(as(staf), DRAFT_PLAN, { input })).draftPlan;
  planId = plan.id;
  indicatorId = plan.workResults[0].indicators[0].id;
  dataOf(await graph(as(kabid), AGREE_PLAN, { input: { planId } }));
  dataOf(await graph(as(staf), REPORT, { input: { indicatorId, quantity: 12, realisedOn: '2026-06-15', evidence } }));
  dataOf(await graph(as(kabid), REVISE, { input: { indicatorId, target: 130, reason: 'Target kota naik' } }));
  await give(
    event(AssignmentEndedSchema, {
      assignmentId,
      employeeId: staf,
      validTo: '2026-12-31',
      recordedAt: timestampFromDate(new Date('2026-06-20T00:00:00Z')),
    }),
    event(EmployeeTransferredSchema, {
      employeeId: staf,
      fromAgencyId: kota,
      toAgencyId: kabupaten,
      validFrom: '2027-01-01',
    }),
    positionAssigned(staf, kecamatan, { validFrom: '2027-01-01' }),
  );
  await house.workOffAll();
});
const BEFORE = '2026-06-25T03:00:00Z';
const AFTER = '2027-02-01T03:00:00Z';

const QUERY = `query ($id: ID!, $year: Int!) {
  _entities(representations: [{ __typename: "Employee", id: $id }]) { ... on Employee {
    score(year: $year) { version }
    plan(year: $year) { status workResults { title indicators {
      revisions { newTarget reason }
      realisations { edges { node { quantity evidence { text } } } }
    } } }
  } }
}`;
/** What a viewer sees of a year: whether a plan, whether a score, and which words. */
async function seen(viewer: Viewer, moment: string, year = 2026) {
  house.at(moment);
  const { data, errors = [] } = await graph(viewer, QUERY, { id: staf, year });
  expect(errors.filter(({ extensions }) => extensions.code !== 'FORBIDDEN')).toEqual([]);
  const [{ plan, score }] = data._entities;
  const [indicator] = plan?.workResults[0].indicators ?? [];
  const refused = new Set(errors.map(({ path }) => path.at(-1)));
  return {
    plan: plan !== null,
    score: score !== null,
    figures: indicator ? [indicator.revisions[0].newTarget, indicator.realisations.edges[0].node.quantity] : null,
    words: indicator
      ? [indicator.revisions[0].reason, indicator.realisations.edges[0].node.evidence?.text ?? null]
      : null,
    refused: [...refused].sort(),
  };
}
const WORDS = ['Target kota naik', 'Rekap SIAK bulan Juni'];
const whole = { plan: true, score: true, figures: [130, 12], words: WORDS, refused: [] };
const nothing = { plan: false, score: false, figures: null, words: null, refused: ['plan', 'score'] };

test.each<[string, () => Viewer]>([
  ['the person', () => as(staf)],
  ['the direct supervisor', () => as(kabid)],
  ['HR', () => hrKota],
  ['the inspectorate', () => auditor],
])('%s sees all of the year that was theirs, before the transfer and after', async (_, viewer) => {
  expect(await seen(viewer(), BEFORE)).toEqual(whole);
  expect(await seen(viewer(), AFTER)).toEqual(whole);
});

test('a higher supervisor sees plan and score, and nothing in somebody’s own words', async () => {
  const figures = { ...whole, words: [null, null], refused: ['evidence', 'reason'] };
  expect(await seen(as(kadis), BEFORE)).toEqual(figures);
  expect(await seen(as(kadis), AFTER)).toEqual(figures);
});

test.each<[string, () => Viewer]>([
  ['the new supervisor', () => as(camat)],
  ['HR of the new agency', () => hrKab],
  ['the inspectorate of the new agency', () => auditorKab],
])('%s sees nothing of it, and the year since', async (_, viewer) => {
  expect(await seen(viewer(), BEFORE)).toEqual(nothing);
  expect(await seen(viewer(), AFTER)).toEqual(nothing);
  expect((await seen(viewer(), AFTER, 2027)).refused).toEqual([]);
  expect((await seen(as(kabid), AFTER, 2027)).refused).toEqual(['plan', 'score']);
  expect((await seen(hrKota, AFTER, 2027)).refused).toEqual(['plan', 'score']);
});

test('an auditor reads, and writes nothing', async () => {
  house.at(BEFORE);
  const code = async (document: string, input: object) =>
    (await graph(auditor, document, { input })).errors?.map(({ extensions }) => extensions.code);
  expect(await code(AGREE_PLAN, { planId })).toEqual(['FORBIDDEN']);
  expect(await code(REVISE, { indicatorId, target: 1, reason: 'x' })).toEqual(['FORBIDDEN']);
  expect(await code(REPORT, { indicatorId, quantity: 1, realisedOn: '2026-06-20', evidence })).toEqual(['FORBIDDEN']);
  expect(await code(DRAFT_PLAN, { employeeId: staf, year: 2026, workResults: oneResult() })).toEqual(['FORBIDDEN']);
});

test('to who may not know of a plan, its id is one that nothing has', async () => {
  house.at(BEFORE);
  const said = async (viewer: Viewer, document: string, input: object) => {
    const { errors } = await graph(viewer, document, { input });
    return errors?.map(({ message, extensions: { code, field } }) => ({ message, code, field }));
  };
  const stranger = as(camat);
  const unknown = randomUUID();
  const revision = { target: 1, reason: 'x' };
  const report = { quantity: 1, realisedOn: '2026-06-20', evidence };
  for (const [document, known, other] of [
    [AGREE_PLAN, { planId }, { planId: unknown }],
    [REVISE, { indicatorId, ...revision }, { indicatorId: unknown, ...revision }],
    [REPORT, { indicatorId, ...report }, { indicatorId: unknown, ...report }],
  ] as const) {
    const answer = await said(stranger, document, known);
    expect(answer?.[0]?.code).toMatch(/_NOT_FOUND$/);
    expect(answer).toEqual(await said(stranger, document, other));
    expect((await said(hrKota, document, known))?.[0]?.code).toBe('FORBIDDEN');
  }
});
