import { overrideSupervisor, type SupervisorOverride, withdrawOverride } from './supervisor.js';

const now = new Date('2026-11-22');
const input = {
  id: 'o',
  employeeId: 'e',
  supervisorId: 's',
  validFrom: '2026-01-01',
  validTo: '2026-12-31',
  reason: 'tim khusus',
  recordedAt: now,
};
const set: SupervisorOverride = { ...input, withdrawnAt: null, withdrawReason: null };
const code = (value: string) => expect.objectContaining({ code: value });

test('a supervisor is set for a time, with a reason', () => {
  const { state, events } = overrideSupervisor(
    input,
    ['boss'],
    [{ ...set, validFrom: '2025-01-01', validTo: '2025-12-31' }],
  );
  expect(state).toEqual(set);
  expect(events).toEqual([{ type: 'SupervisorChanged', override: set, recordedAt: now }]);
});

test('never oneself, nor who stands below, nor two at a time, nor for no reason', () => {
  expect(() => overrideSupervisor({ ...input, supervisorId: 'e' }, [], [])).toThrow(code('SUPERVISOR_IS_ONESELF'));
  expect(() => overrideSupervisor(input, ['boss', 'e'], [])).toThrow(code('SUPERVISOR_CYCLE'));
  expect(() => overrideSupervisor(input, [], [{ ...set, validTo: null }])).toThrow(code('OVERRIDE_OVERLAPS'));
  expect(() => overrideSupervisor({ ...input, reason: '' }, [], [])).toThrow(code('TEXT_REQUIRED'));
  expect(() => overrideSupervisor({ ...input, validTo: '2025-12-31' }, [], [])).toThrow(code('INTERVAL_REVERSED'));
});

test('it is taken back once, and its days are free again', () => {
  const { state } = withdrawOverride(set, 'bubar', now);
  expect(state).toMatchObject({ withdrawnAt: now, withdrawReason: 'bubar' });
  expect(() => withdrawOverride(state, 'lagi', now)).toThrow(code('OVERRIDE_WITHDRAWN'));
  expect(overrideSupervisor(input, [], [state]).state).toEqual(set);
});
