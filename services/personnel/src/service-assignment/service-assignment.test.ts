import { assignService, endService, endServices, type ServiceAssignment } from './service-assignment.js';

const service = { validFrom: '2020-01-01', validTo: null };
const served: ServiceAssignment = { id: 'x', employeeId: 'e', serviceId: 's', validFrom: '2025-01-01', validTo: null };
const code = (value: string) => expect.objectContaining({ code: value });

test('a person serves several services, each once at a time', () => {
  expect(assignService(served, service, [{ ...served, serviceId: 'other' }]).state).toEqual(served);
  expect(() => assignService(served, service, [{ ...served, validFrom: '2026-01-01' }])).toThrow(
    code('SERVICE_ASSIGNMENT_OVERLAPS'),
  );
  expect(() => assignService({ ...served, validFrom: '2019-12-31' }, service, [])).toThrow(code('NOT_EMPLOYED'));
  expect(() => assignService(served, { ...service, validTo: '2025-12-31' }, [])).toThrow(code('NOT_EMPLOYED'));
  expect(() => assignService({ ...served, validTo: '2024-12-31' }, service, [])).toThrow(code('INTERVAL_REVERSED'));
});

test('serving ends earlier than was known, or never was', () => {
  const { state, events } = endService(served, '2025-06-30');
  expect(events).toEqual([{ type: 'ServiceEnded', served: { ...served, validTo: '2025-06-30' } }]);
  expect(() => endService(state, '2025-06-30')).toThrow(code('SERVICE_ASSIGNMENT_ENDED'));
  const never = endService(served, '2020-01-01').state;
  expect(never.validTo).toBe('2024-12-31');
  expect(assignService(served, service, [never]).state).toEqual(served);
  expect(() => endService(never, '2024-12-31')).toThrow(code('SERVICE_ASSIGNMENT_ENDED'));
});

test('who goes serves nothing after the last day', () => {
  const over = { ...served, id: 'over', validTo: '2025-03-31' };
  const later = { ...served, id: 'later', serviceId: 'other', validFrom: '2026-01-01' };
  const never = { ...later, id: 'never', validTo: '2025-12-31' };
  expect(endServices([served, over, later, never], '2025-06-30').state).toEqual([
    { ...served, validTo: '2025-06-30' },
    { ...later, validTo: '2025-12-31' },
  ]);
});
