/**
 * Every mutation of the graph, once, in an order that makes sense: who may, by hand, and who does it with what. It is
 * what the matrix reads afterwards, so it fills what would else be empty.
 */
import type { About } from './matrix.rules.js';
import { ANSWERS, YEAR } from './world.js';

/** Names of people, units and things → ids, tokens and the like. What a step makes is added. */
export type Ids = Record<string, string>;

export interface Step {
  readonly mutation: string;
  /** Who does it. */
  readonly by: string;
  /** Who may, as the mutation's description says, and whom or what they are judged by. */
  readonly who: readonly string[];
  readonly about: (ids: Ids) => About;
  /** Who may know of the thing that is named, where not every civil servant may: to others it is not there. */
  readonly knownTo?: readonly string[];
  readonly input: (ids: Ids) => Record<string, unknown>;
  /** Name → where in the payload its id stands. */
  readonly keep?: Readonly<Record<string, string>>;
}

const agency = ({ agency }: Ids): About => ({ agency });
const unit = ({ unit }: Ids): About => ({ unit });
const nothing = (): About => ({});
const person =
  (name: string) =>
  (ids: Ids): About => ({ employee: ids[name] });

/** What was recorded, agreed or learnt of a person. */
const OF_RECORD = ['SELF', 'SUPERVISOR', 'HR', 'AUDITOR'];
/** Roles, and agreements. */
const OF_OFFICE = ['HR', 'AUDITOR', 'ADMIN'];

type Rest = Partial<Pick<Step, 'keep' | 'knownTo'>> & Pick<Step, 'input'>;
const step = (mutation: string, by: string, who: readonly string[], about: Step['about'], rest: Rest): Step => ({
  ...{ mutation, by, who, about },
  ...rest,
});
const byHr = (mutation: string, about: Step['about'], rest: Rest) => step(mutation, 'hr', ['HR'], about, rest);
const byOfficer = (mutation: string, rest: Rest) => step(mutation, 'officer', ['OFFICER'], unit, rest);
const byAdmin = (mutation: string, rest: Rest) => step(mutation, 'system', ['ADMIN'], nothing, rest);

const [year, month] = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Jakarta' }).format().split('-').map(Number);
const monthsPassed = year! > YEAR ? 12 : month! - 1;
/** A year that has not begun. */
const NEXT = year! + 1;

const reason = 'For the matrix.';
const validateOnly = true;
const rows: readonly unknown[] = [];
const standards = [{ name: 'Berkas', requirements: 'KK', limit: { quantity: 2, unit: 'DAYS' }, fee: 0 }];
const workResults = [
  {
    ...{ title: 'Arsip rapi', kind: 'UTAMA' },
    indicators: [{ name: 'Map', aspect: 'QUANTITY', target: 100, unit: 'map', evidenceSource: 'buku arsip' }],
  },
];
const answers = ANSWERS;

const ORGANISATION: readonly Step[] = [
  byAdmin('registerAgency', { input: () => ({ name: 'Kota Ketiga', timeZone: 'Asia/Makassar' }) }),
  step('registerUnit', 'hr', ['ADMIN', 'HR'], agency, {
    input: ({ agency: agencyId, unit: parentId }) => ({
      ...{ agencyId, parentId, code: 'LAMA', name: 'Seksi Lama', kind: 'SEKSI', validFrom: '2020-01-01' },
    }),
    keep: { oldUnit: 'unit.id' },
  }),
  step('renameUnit', 'hr', ['ADMIN', 'HR'], agency, {
    input: ({ oldUnit: unitId }) => ({ unitId, name: 'Seksi Lama Sekali', validFrom: '2026-01-01' }),
  }),
  step('moveUnit', 'hr', ['ADMIN', 'HR'], agency, {
    input: ({ oldUnit: unitId, department: parentId }) => ({ unitId, parentId, validFrom: '2026-02-01' }),
  }),
  step('mergeUnit', 'hr', ['ADMIN', 'HR'], agency, {
    input: ({ oldUnit: unitId, unit: intoUnitId }) => ({ unitId, intoUnitId, validFrom: `${NEXT}-01-01` }),
  }),
  step('registerUnit', 'system', ['ADMIN', 'HR'], agency, {
    input: ({ agency: agencyId, unit: parentId }) => ({
      ...{ agencyId, parentId, code: 'TUTUP', name: 'Seksi Tutup', kind: 'SEKSI', validFrom: '2020-01-01' },
    }),
    keep: { closedUnit: 'unit.id' },
  }),
  step('closeUnit', 'system', ['ADMIN', 'HR'], agency, {
    input: ({ closedUnit: unitId }) => ({ unitId, validTo: `${NEXT}-01-31` }),
  }),
  step('importUnits', 'hr', ['ADMIN', 'HR'], agency, {
    input: ({ agency: agencyId }) => ({
      ...{ agencyId, validateOnly },
      rows: [{ code: 'BARU', name: '', kind: 'SEKSI', validFrom: '2026-01-01' }],
    }),
  }),
  byHr('createPosition', unit, {
    input: ({ unit: unitId }) => ({ unitId, title: 'Penelaah', kind: 'FUNGSIONAL', leading: false }),
    keep: { newPosition: 'position.id' },
  }),
];

const PEOPLE: readonly Step[] = [
  byHr('registerEmployee', agency, {
    input: ({ agency: agencyId }) => ({
      ...{ agencyId, name: 'Baru', nip: '199307082025211913', kind: 'PPPK', serviceFrom: '2025-03-01' },
      ...{ contractFrom: '2025-03-01', contractTo: '2030-02-28' },
    }),
    keep: { newcomer: 'employee.id' },
  }),
  byHr('correctEmployee', person('newcomer'), {
    input: ({ newcomer: employeeId }) => ({ employeeId, name: 'Baru Sekali', reason, expectedVersion: 1 }),
  }),
  byHr('assignPosition', person('newcomer'), {
    input: ({ newcomer: employeeId, newPosition: positionId }) => ({
      ...{ employeeId, positionId, kind: 'DEFINITIF', validFrom: '2025-04-01' },
      ...{ decreeNumber: 'SK/7', decreeDate: '2025-03-20' },
    }),
    keep: { assignment: 'assignment.id' },
  }),
  byHr('assignPosition', person('newcomer'), {
    input: ({ newcomer: employeeId, position: positionId }) => ({
      ...{ employeeId, positionId, kind: 'PLH', validFrom: '2026-02-01', validTo: '2026-06-30' },
      ...{ decreeNumber: 'SK/8', decreeDate: '2026-01-20' },
    }),
    keep: { wrongAssignment: 'assignment.id' },
  }),
  byHr('endAssignment', person('newcomer'), {
    knownTo: OF_RECORD,
    input: ({ assignment: assignmentId }) => ({ assignmentId, validTo: `${NEXT}-12-31` }),
  }),
  byHr('annulAssignment', person('newcomer'), {
    knownTo: OF_RECORD,
    input: ({ wrongAssignment: assignmentId }) => ({ assignmentId, reason }),
  }),
  byHr('recordAvailability', person('employee'), {
    input: ({ employee: employeeId }) => ({
      ...{ employeeId, awayFrom: '2026-10-05', awayTo: '2026-10-07', kind: 'CUTI_SAKIT' },
    }),
  }),
  byHr('recordAvailability', person('newcomer'), {
    input: ({ newcomer: employeeId }) => ({
      ...{ employeeId, awayFrom: '2026-10-05', awayTo: '2026-10-07', kind: 'CUTI_TAHUNAN' },
    }),
    keep: { availability: 'availability.id' },
  }),
  byHr('cancelAvailability', person('newcomer'), {
    knownTo: OF_RECORD,
    input: ({ availability: availabilityId }) => ({ availabilityId }),
  }),
  byHr('assignService', person('newcomer'), {
    input: ({ newcomer: employeeId, publicService: serviceId }) => ({ employeeId, serviceId, validFrom: '2026-03-01' }),
    keep: { serviceAssignment: 'serviceAssignment.id' },
  }),
  byHr('endService', person('newcomer'), {
    knownTo: OF_RECORD,
    input: ({ serviceAssignment: serviceAssignmentId }) => ({ serviceAssignmentId, validTo: `${NEXT}-01-31` }),
  }),
  byHr('overrideSupervisor', person('newcomer'), {
    input: ({ newcomer: employeeId, head: supervisorId }) => ({
      ...{ employeeId, supervisorId, validFrom: `${NEXT}-02-01`, validTo: `${NEXT}-03-31`, reason },
    }),
    keep: { override: 'override.id' },
  }),
  byHr('withdrawSupervisorOverride', person('newcomer'), {
    knownTo: OF_RECORD,
    input: ({ override: overrideId }) => ({ overrideId, reason }),
  }),
  byHr('recordLeaving', person('newcomer'), {
    input: ({ newcomer: employeeId }) => ({ employeeId, lastDay: `${NEXT + 1}-12-31` }),
  }),
  byHr('registerEmployee', agency, {
    input: ({ agency: agencyId }) => ({
      ...{ agencyId, name: 'Pindah', nip: '199207082018011914', kind: 'PNS', serviceFrom: '2018-01-01' },
    }),
    keep: { mover: 'employee.id' },
  }),
  byHr('transferEmployee', person('mover'), {
    input: ({ mover: employeeId, otherAgency: toAgencyId }) => ({ employeeId, toAgencyId, validFrom: `${NEXT}-01-01` }),
  }),
  step('grantRole', 'system', ['ADMIN', 'HR'], agency, {
    input: ({ employee: employeeId, agency: agencyId, department: unitId }) => ({
      ...{ employeeId, role: 'OFFICER', agencyId, unitId, validFrom: '2025-01-01', validTo: '2025-12-31' },
      ...{ decreeNumber: 'SK/9', decreeDate: '2024-12-01' },
    }),
    keep: { grant: 'grant.id' },
  }),
  step('revokeRole', 'system', ['ADMIN', 'HR'], ({ agency, employee }) => ({ agency, employee }), {
    knownTo: ['SELF', ...OF_OFFICE],
    input: ({ grant: grantId }) => ({ grantId, validTo: '2025-06-30', reason }),
  }),
  byHr('importEmployees', agency, { input: ({ agency: agencyId }) => ({ agencyId, rows, validateOnly }) }),
];

const agreement = ({ agency: agencyId, employee, department }: Ids) => ({
  ...{ agencyId, employeeIds: [employee], purpose: 'Kelas bersama', validFrom: '2026-01-01' },
  ...{ unitIds: [department], decreeNumber: 'PKS/1', decreeDate: '2025-12-20' },
});

const AGREEMENTS: readonly Step[] = [
  step('signAgreement', 'hr', ['ADMIN', 'HR'], agency, {
    input: (ids) => ({ ...agreement(ids), clientId: 'partner', unitIds: [] }),
  }),
  step('signAgreement', 'hr', ['ADMIN', 'HR'], agency, {
    input: (ids) => ({ ...agreement(ids), clientId: 'partner-without-agreement', validTo: `${NEXT}-12-31` }),
    keep: { agreement: 'agreement.id' },
  }),
  step('endAgreement', 'hr', ['ADMIN', 'HR'], agency, {
    knownTo: OF_OFFICE,
    input: ({ agreement: agreementId }) => ({ agreementId, reason }),
  }),
];

const WORK: readonly Step[] = [
  step('openPeriod', 'system', ['ADMIN', 'HR'], ({ otherAgency }) => ({ agency: otherAgency }), {
    input: ({ otherAgency: agencyId }) => ({ agencyId, year: YEAR }),
  }),
  step('openPeriod', 'hr', ['ADMIN', 'HR'], agency, {
    input: ({ agency: agencyId }) => ({ agencyId, year: YEAR - 1 }),
  }),
  byAdmin('publishPolicy', {
    input: ({ agency: agencyId }) => ({ agencyId, version: `${NEXT}-9`, validFrom: `${NEXT}-01-01`, source: 'Uji' }),
  }),
  step('draftPlan', 'colleague', ['SELF', 'SUPERVISOR'], person('colleague'), {
    input: ({ colleague: employeeId }) => ({ employeeId, year: YEAR, workResults }),
    keep: { plan: 'plan.id', indicator: 'plan.workResults.0.indicators.0.id' },
  }),
  step('agreePlan', 'supervisor', ['SUPERVISOR'], person('colleague'), {
    knownTo: OF_RECORD,
    input: ({ plan: planId }) => ({ planId }),
  }),
  step('reviseIndicator', 'supervisor', ['SUPERVISOR'], person('colleague'), {
    knownTo: OF_RECORD,
    input: ({ indicator: indicatorId }) => ({ indicatorId, name: 'Map arsip', target: 120, reason }),
  }),
  step('reportRealisation', 'colleague', ['SELF'], person('colleague'), {
    knownTo: OF_RECORD,
    input: ({ indicator: indicatorId }) => ({
      ...{ indicatorId, quantity: 40, realisedOn: '2026-05-04' },
      evidence: { text: 'Buku arsip Mei', url: 'https://arsip.example/mei' },
    }),
    keep: { realisation: 'realisation.id' },
  }),
  step('correctRealisation', 'colleague', ['SELF'], person('colleague'), {
    knownTo: OF_RECORD,
    input: ({ realisation: realisationId }) => ({
      ...{ realisationId, quantity: 42, realisedOn: '2026-05-04' },
      evidence: { text: 'Buku arsip Mei', url: 'https://arsip.example/mei' },
    }),
  }),
  byHr('importPlans', agency, { input: ({ agency: agencyId }) => ({ agencyId, year: YEAR, rows, validateOnly }) }),
  byHr('importRealisations', agency, {
    input: ({ agency: agencyId }) => ({ agencyId, year: YEAR, rows, validateOnly }),
  }),
  byAdmin('rebuildScores', { input: () => ({ people: 1, reason }) }),
];

const LEARNING: readonly Step[] = [
  byHr('createCourse', agency, {
    input: ({ agency: agencyId }) => ({
      ...{ agencyId, code: 'ARS', title: 'Kearsipan', form: 'PELATIHAN_TEKNIS', method: 'Simulasi', hours: 20 },
      ...{ competency: 'Kearsipan digital', provider: 'BKPSDM' },
    }),
    keep: { newCourse: 'course.id' },
  }),
  byHr('scheduleSession', agency, {
    input: ({ course: courseId }) => ({
      ...{ courseId, code: 'MATRIKS', startsOn: '2026-04-06', endsOn: '2026-04-07', quota: 5, maxHours: 16 },
      ...{ meetsFrom: '08:00', meetsTo: '14:00' },
    }),
    keep: { session: 'session.id' },
  }),
  step('enrol', 'hr', ['SELF', 'SUPERVISOR', 'HR'], person('employee'), {
    input: ({ session: sessionId, employee: employeeId }) => ({ sessionId, employeeId }),
    keep: { training: 'enrolment.id' },
  }),
  step('enrol', 'hr', ['SELF', 'SUPERVISOR', 'HR'], person('colleague'), {
    input: ({ session: sessionId, colleague: employeeId }) => ({ sessionId, employeeId }),
    keep: { place: 'enrolment.id' },
  }),
  step('withdrawEnrolment', 'colleague', ['SELF', 'SUPERVISOR', 'HR'], person('colleague'), {
    knownTo: OF_RECORD,
    input: ({ place: enrolmentId }) => ({ enrolmentId, reason }),
  }),
  byHr('completeTraining', person('employee'), {
    knownTo: OF_RECORD,
    input: ({ training: enrolmentId }) => ({
      ...{ enrolmentId, hours: 12, certificateNumber: 'MATRIKS-1', completedAt: '2026-04-07T08:00:00Z' },
    }),
  }),
  byHr('correctTraining', person('employee'), {
    knownTo: OF_RECORD,
    input: ({ training: enrolmentId }) => ({ enrolmentId, hours: 14, reason }),
  }),
  byHr('revokeTraining', person('employee'), {
    knownTo: OF_RECORD,
    input: ({ training: enrolmentId }) => ({ enrolmentId, reason }),
  }),
  byHr('importCourses', agency, { input: ({ agency: agencyId }) => ({ agencyId, rows, validateOnly }) }),
  byAdmin('rebuildLedgers', { input: () => ({ people: 1, reason }) }),
  byHr('importTrainingRecords', agency, {
    input: ({ agency: agencyId, employee: employeeId }) => ({
      agencyId,
      rows: [
        {
          ...{ employeeId, courseCode: 'PP', hours: 30, certificateNumber: 'PADAT-1' },
          ...{ startsOn: '2026-06-08', endsOn: '2026-06-08' },
        },
      ],
    }),
  }),
];

const PUBLIC_SERVICES: readonly Step[] = [
  byHr('registerService', unit, {
    input: ({ unit: unitId }) => ({ unitId, code: 'KK', name: 'Kartu keluarga', standards }),
    keep: { newService: 'service.id' },
  }),
  byHr('updateService', unit, {
    input: ({ newService: serviceId }) => ({ serviceId, name: 'Kartu Keluarga', standards, expectedVersion: 1 }),
  }),
  byHr('importServices', agency, { input: ({ agency: agencyId }) => ({ agencyId, rows, validateOnly }) }),
  step('issueSurveyTokens', 'hr', ['HR', 'OFFICER'], unit, {
    input: ({ publicService: serviceId }) => ({ serviceId, count: 1 }),
    keep: { token: 'tokens.0' },
  }),
  step('issuePaperBatch', 'officer', ['HR', 'OFFICER'], unit, {
    input: ({ publicService: serviceId }) => ({ serviceId, count: 3 }),
  }),
  step('answerSurvey', 'public', ['PUBLIC'], nothing, { input: ({ token }) => ({ token, answers }) }),
  step('importSurveyResponses', 'hr', ['HR', 'OFFICER'], unit, {
    input: ({ publicService: serviceId }) => ({ serviceId, rows, validateOnly }),
  }),
  step('recordPeopleServed', 'officer', ['HR', 'OFFICER'], unit, {
    input: ({ publicService: serviceId }) => ({
      ...{ serviceId, year: YEAR },
      months: Array.from({ length: monthsPassed }, (_, n) => ({ month: n + 1, people: 100 })),
    }),
  }),
];

const COMPLAINTS: readonly Step[] = [
  step('submitComplaint', 'public', ['PUBLIC'], nothing, {
    input: ({ publicService: serviceId }) => ({
      ...{ serviceId, text: 'Loket tutup sebelum waktunya, kata Pelapor Rahasia.' },
      reporter: { name: 'Pelapor Rahasia', contact: '0812-0000-0901' },
    }),
    keep: { complaint: 'complaint.id', trackingId: 'complaint.trackingId', secret: 'secret' },
  }),
  byOfficer('forwardComplaint', {
    input: ({ complaint: complaintId, employee }) => ({ complaintId, class: 'SIMPLE', named: [employee] }),
  }),
  byOfficer('resolveComplaint', {
    input: ({ complaint: complaintId, officer: handlerId }) => ({ complaintId, answer: 'Loket kini buka.', handlerId }),
  }),
  step('reopenComplaint', 'public', ['PUBLIC'], nothing, {
    input: ({ trackingId, secret }) => ({ trackingId, secret, reason: 'Masih tutup.' }),
  }),
  byOfficer('resolveComplaint', {
    input: ({ complaint: complaintId, officer: handlerId }) => ({
      complaintId,
      answer: 'Loket sudah buka.',
      handlerId,
    }),
  }),
  byOfficer('publishComplaint', {
    input: ({ complaint: complaintId }) => ({ complaintId, text: 'Loket tutup sebelum waktunya.' }),
  }),
  byOfficer('revealReporter', { input: ({ complaint: complaintId }) => ({ complaintId, reason }) }),
  step('submitComplaint', 'public', ['PUBLIC'], nothing, {
    input: ({ publicService: serviceId }) => ({ serviceId, text: 'Bukan untuk layanan ini.' }),
    keep: { otherComplaint: 'complaint.id' },
  }),
  byOfficer('rejectComplaint', { input: ({ otherComplaint: complaintId }) => ({ complaintId, reason }) }),
  step('importComplaints', 'hr', ['HR', 'OFFICER'], unit, {
    input: ({ agency: agencyId, publicService: serviceId, supervisor: handlerId }) => ({
      agencyId,
      rows: Array.from({ length: 5 }, (_, n) => ({
        ...{ reference: `LAMA-${n}`, serviceId, text: `Keluhan lama ${n}`, class: 'SIMPLE', handlerId },
        ...{ receivedAt: '2026-03-02T02:00:00Z', forwardedAt: '2026-03-03T02:00:00Z' },
        resolvedAt: '2026-03-05T02:00:00Z',
      })),
    }),
  }),
  byAdmin('publishCalendar', {
    input: ({ agency: agencyId }) => ({
      ...{ agencyId, year: YEAR, source: 'SKB 3 Menteri', expectedVersion: 0 },
      holidays: [{ date: `${YEAR}-08-17`, name: 'Hari Kemerdekaan' }],
    }),
  }),
];

const OPERATIONS: readonly Step[] = [
  byAdmin('snapshotCompetencyEvents', { input: () => ({ reason }) }),
  byAdmin('replayCompetencyEvents', { input: ({ training }) => ({ subject: `enrolment/${training}`, reason }) }),
  byAdmin('unparkCompetencyEvents', { input: ({ training }) => ({ key: training, reason }) }),
  byAdmin('rebuildCompetencyModel', {
    input: () => ({ model: 'directory', reason }),
    keep: { rebuild: 'rebuild.id' },
  }),
  byAdmin('rebuildFeedbackModel', {
    input: () => ({ model: 'directory', reason }),
    keep: { droppedRebuild: 'rebuild.id' },
  }),
  byAdmin('finishFeedbackRebuild', {
    input: ({ droppedRebuild: id }) => ({ model: 'directory', id, swap: false, reason }),
  }),
];

export const STORY: readonly Step[] = [
  ...[...ORGANISATION, ...PEOPLE, ...AGREEMENTS, ...WORK, ...LEARNING],
  ...[...PUBLIC_SERVICES, ...COMPLAINTS, ...OPERATIONS],
];
