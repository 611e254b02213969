import { readdirSync, readFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import { file_merit_feedback_v1_events, SatisfactionMeasuredSchema } from '@merit/proto/feedback';
import { EmployeeCorrectedSchema, file_merit_personnel_v1_events, UnitMergedSchema } from '@merit/proto/personnel';
import { buildSchema, parse } from 'graphql';
import { tagsOfAnswer, tagsOfEvent, untagged } from './tags.js';

const schema = buildSchema(readFileSync(new URL('../contracts/public.graphql', import.meta.url), 'utf8'));
const documents = new URL('../documents/public/', import.meta.url);

test.each(readdirSync(documents))('%s shows no entity without its id', (file) => {
  expect(untagged(schema, parse(readFileSync(new URL(file, documents), 'utf8')))).toEqual([]);
});

test('an entity without its id is found, also in fragments and lists', () => {
  const text = `{ units { edges { node { id ...F } } } } fragment F on Unit { parent { name } children { edges { node { name: id } } } agency { id } }`;
  expect(untagged(schema, parse(text))).toEqual(['Unit.parent', 'UnitEdge.node']);
});

test('an answer is about what it shows, what it lists, and what it says there is none of', () => {
  const text = `{ unit(id: "1") { id ancestors { id } agency { id } head { name } mergedInto { id }
    services { edges { node { id satisfaction(year: 2026) { index } } } } } workCalendar(year: 2026) { year } }`;
  const data = {
    unit: {
      id: 'u1',
      ancestors: [{ id: 'u0' }],
      agency: { id: 'a1' },
      head: null,
      mergedInto: null,
      services: {
        edges: [{ node: { id: 's1', satisfaction: null } }, { node: { id: 's2', satisfaction: { index: 80 } } }],
      },
    },
    workCalendar: null,
  };
  expect(tagsOfAnswer(schema, parse(text), data)).toEqual([
    'Agency:a1',
    'PublicService',
    'PublicService:s1',
    'PublicService:s2',
    'Unit',
    'Unit:u0',
    'Unit:u1',
    'UnitHead',
    'WorkCalendar',
  ]);
  expect(tagsOfAnswer(schema, parse('{ complaint(trackingId: "x") { id } }'), { complaint: null })).toEqual([
    'Complaint',
  ]);
});

const event = (type: string, subject: string, value: Uint8Array = new Uint8Array()) =>
  tagsOfEvent({ key: 'k', headers: { ce_type: type, ce_subject: subject }, value }).sort();

test('an event is about what it happened to, and what it names', () => {
  const merged = toBinary(
    UnitMergedSchema,
    create(UnitMergedSchema, { unitId: 'u1', intoUnitId: 'u2', validFrom: '2026-01-01' }),
  );
  expect(event(UnitMergedSchema.typeName, 'unit/u1', merged)).toEqual(['Unit', 'Unit:u1', 'Unit:u2']);
  const measured = toBinary(
    SatisfactionMeasuredSchema,
    create(SatisfactionMeasuredSchema, { serviceId: 's1', unitId: 'u1' }),
  );
  expect(event(SatisfactionMeasuredSchema.typeName, 'service/s1', measured)).toEqual([
    'PublicService',
    'PublicService:s1',
    'Unit:u1',
  ]);
  expect(event(EmployeeCorrectedSchema.typeName, 'employee/e1')).toEqual(['UnitHead']);
  expect(event('merit.feedback.v1.CalendarPublished', 'calendar/c1')).toEqual(['WorkCalendar']);
});

test('an event of tomorrow, or one that cannot be read, still drops what it happened to', () => {
  expect(event('merit.personnel.v1.UnitPainted', 'unit/u1')).toEqual(['Unit', 'Unit:u1']);
  expect(event(UnitMergedSchema.typeName, 'unit/u1', Buffer.from('no message'))).toEqual(['Unit', 'Unit:u1']);
});

/** Those of people and roles that change nothing that is public. */
const OF_NOTHING_PUBLIC = [
  'AgreementEnded',
  'AgreementSigned',
  'AvailabilityRecorded',
  'EmployeeRegistered',
  'EmployeeTransferred',
  'RoleGranted',
  'RoleRevoked',
  'ServiceAssigned',
  'ServiceEnded',
  'SupervisorChanged',
];
const SUBJECTS: [RegExp, string][] = [
  [/^Unit/, 'unit'],
  [/^Agency/, 'agency'],
  [/^Agreement/, 'agreement'],
  [/^(Service(Registered|Changed)|SatisfactionMeasured)/, 'service'],
  [/^Complaint/, 'complaint'],
  [/^Calendar/, 'calendar'],
];

test('every event of personnel and feedback drops something, or is known to change nothing public', () => {
  const silent: string[] = [];
  for (const file of [file_merit_personnel_v1_events, file_merit_feedback_v1_events]) {
    for (const { name, typeName } of file.messages) {
      if (name === 'ElementSum') continue; // a part of a message
      const aggregate = SUBJECTS.find(([pattern]) => pattern.test(name))?.[1] ?? 'employee';
      if (event(typeName, `${aggregate}/x`).length === 0) silent.push(name);
    }
  }
  expect(silent.sort()).toEqual(OF_NOTHING_PUBLIC);
});
