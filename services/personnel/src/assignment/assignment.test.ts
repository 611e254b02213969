import { addDays } from '@merit/chassis/local-date';
import fc from 'fast-check';
import type { Interval } from '../interval.js';
import { holdsAt } from '../interval.js';
import type { Position } from '../position/position.js';
import {
  type Around,
  type Assignment,
  annulAssignment,
  assign,
  assignInstead,
  endAll,
  endAssignment,
  type NewAssignment,
} from './assignment.js';

const now = new Date('2026-11-22T03:00:00Z');
const always: Interval = { validFrom: '2000-01-01', validTo: null };
const position: Position = { id: 'p', unitId: 'u', title: 'Kepala', kind: 'JPT', leading: true };
const around: Around = { position, service: always, unit: always, ofPerson: [], ofPosition: [], today: '2026-11-22' };
const input: NewAssignment = {
  id: 'a1',
  employeeId: 'e',
  kind: 'DEFINITIF',
  validFrom: '2020-01-01',
  validTo: null,
  decreeNumber: '821/1',
  decreeDate: '2019-12-20',
  recordedAt: now,
};
const held = (over: Partial<Assignment> = {}): Assignment => ({
  ...input,
  positionId: 'p',
  endedRecordedAt: null,
  annulledAt: null,
  annulReason: null,
  ...over,
});
const code = (value: string) => expect.objectContaining({ code: value });

test('an appointment is recorded with its decree', () => {
  const { state, events } = assign(input, around);
  expect(state).toEqual(held());
  expect(events).toEqual([{ type: 'PositionAssigned', assignment: state, position }]);
});

test.each<[string, Partial<NewAssignment>, Partial<Around>, string]>([
  ['that ends before it begins', { validTo: '2019-12-31' }, {}, 'INTERVAL_REVERSED'],
  ['by a decree of tomorrow', { decreeDate: '2026-11-23' }, {}, 'DECREE_IN_FUTURE'],
  ['before the service', {}, { service: { validFrom: '2020-01-02', validTo: null } }, 'NOT_EMPLOYED'],
  ['past the end of the service', {}, { service: { ...always, validTo: '2025-12-31' } }, 'NOT_EMPLOYED'],
  ['in a unit that was closed', {}, { unit: { ...always, validTo: '2025-12-31' } }, 'UNIT_NOT_OPEN'],
  ['to what somebody else leads', {}, { ofPosition: [held({ employeeId: 'other' })] }, 'POSITION_HELD'],
  ['beside another definitive one', {}, { ofPerson: [held({ positionId: 'q' })] }, 'EMPLOYEE_HOLDS_POSITION'],
  ['to what the person holds', { kind: 'PLT' }, { ofPerson: [held()] }, 'ASSIGNMENT_OVERLAPS'],
])('an appointment %s is refused', (_, wrong, setting, refused) => {
  expect(() => assign({ ...input, ...wrong }, { ...around, ...setting })).toThrow(code(refused));
});

test.each<[string, Partial<NewAssignment>, Partial<Around>]>([
  ['acting where somebody is away', { kind: 'PLH' }, { ofPosition: [held({ employeeId: 'other' })] }],
  ['acting beside one’s own position', { kind: 'PLT' }, { ofPerson: [held({ positionId: 'q' })] }],
  [
    'after the last holder',
    {},
    { ofPosition: [held({ employeeId: 'other', validFrom: '2015-01-01', validTo: '2019-12-31' })] },
  ],
  [
    'where the other was annulled',
    {},
    { ofPosition: [held({ annulledAt: now })], ofPerson: [held({ annulledAt: now })] },
  ],
  ['beside others, where it does not lead', {}, { position: { ...position, leading: false }, ofPosition: [held()] }],
])('an appointment %s is right', (_, over, setting) => {
  expect(assign({ ...input, ...over }, { ...around, ...setting }).events).toHaveLength(1);
});

test('whatever is asked, a leading position has one definitive holder on any day', () => {
  const request = fc.record({
    employeeId: fc.constantFrom('e1', 'e2', 'e3'),
    kind: fc.constantFrom('DEFINITIF' as const, 'PLT' as const),
    from: fc.integer({ min: 0, max: 20 }),
    length: fc.option(fc.integer({ min: 0, max: 10 })),
  });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 15 }), (requests) => {
      const all: Assignment[] = [];
      for (const { employeeId, kind, from, length } of requests) {
        const validFrom = addDays('2026-01-01', from);
        const validTo = length === null ? null : addDays(validFrom, length);
        const ofPerson = all.filter((other) => other.employeeId === employeeId);
        try {
          all.push(
            assign({ ...input, employeeId, kind, validFrom, validTo }, { ...around, ofPerson, ofPosition: all }).state,
          );
        } catch (error) {
          expect(error).toEqual(expect.objectContaining({ name: 'DomainError' }));
        }
      }
      for (let day = 0; day < 40; day += 1) {
        const date = addDays('2026-01-01', day);
        expect(all.filter((other) => other.kind === 'DEFINITIF' && holdsAt(other, date)).length).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('an assignment ends earlier than was known, and not before it began', () => {
  const { state, events } = endAssignment(held(), '2024-12-31', now);
  expect(state).toMatchObject({ validTo: '2024-12-31', endedRecordedAt: now });
  expect(events).toEqual([{ type: 'AssignmentEnded', assignment: state }]);
  expect(endAssignment(state, '2024-12-30', now).state.validTo).toBe('2024-12-30');
  expect(() => endAssignment(state, '2024-12-31', now)).toThrow(code('ASSIGNMENT_ENDED'));
  expect(() => endAssignment(held(), '2019-12-31', now)).toThrow(code('ASSIGNMENT_ENDS_BEFORE_START'));
  expect(() => endAssignment(held({ annulledAt: now }), '2024-12-31', now)).toThrow(code('ASSIGNMENT_ANNULLED'));
});

test('an annulment needs a reason and happens once', () => {
  const { state } = annulAssignment(held(), ' SK dicabut ', now);
  expect(state).toMatchObject({ annulledAt: now, annulReason: 'SK dicabut' });
  expect(() => annulAssignment(held(), ' ', now)).toThrow(code('TEXT_REQUIRED'));
  expect(() => annulAssignment(state, 'lagi', now)).toThrow(code('ASSIGNMENT_ANNULLED'));
});

test('who goes keeps nothing after the last day', () => {
  const open = [held(), held({ id: 'past', validTo: '2021-01-01' }), held({ id: 'void', annulledAt: now })];
  expect(endAll(open, '2026-11-30', now).state).toEqual([{ ...held(), validTo: '2026-11-30', endedRecordedAt: now }]);
  expect(() => endAll([held({ validFrom: '2026-12-01' })], '2026-11-30', now)).toThrow(code('ASSIGNMENT_BEGINS_LATER'));
});

test('the definitive position before gives way, others stay', () => {
  const q = { positionId: 'q' };
  const before = [
    held({ id: 'now', ...q }),
    held({ id: 'plt', kind: 'PLT', positionId: 'r' }),
    held({ id: 'old', ...q, validFrom: '2015-01-01', validTo: '2019-12-31' }),
  ];
  const next = { ...input, id: 'next', validFrom: '2026-01-01' };
  const { state, events } = assignInstead(next, { ...around, ofPerson: before });
  expect(state).toEqual(held({ id: 'next', validFrom: '2026-01-01' }));
  expect(events.map(({ type, assignment: { id, validTo } }) => [type, id, validTo])).toEqual([
    ['AssignmentEnded', 'now', '2025-12-31'],
    ['PositionAssigned', 'next', null],
  ]);
});

test('what begins on the same day or later does not give way', () => {
  const later = held({ id: 'later', positionId: 'q', validFrom: '2026-01-01' });
  const next = { ...input, id: 'next', validFrom: '2026-01-01' };
  expect(() => assignInstead(next, { ...around, ofPerson: [later] })).toThrow(code('EMPLOYEE_HOLDS_POSITION'));
});
