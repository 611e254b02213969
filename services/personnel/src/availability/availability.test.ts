import { type Availability, cancelAvailability, recordAvailability } from './availability.js';

const now = new Date('2026-11-22');
const service = { validFrom: '2020-01-01', validTo: '2030-12-31' };
const input = {
  id: 'x',
  employeeId: 'e',
  awayFrom: '2026-11-20',
  awayTo: '2026-11-27',
  kind: 'CUTI_TAHUNAN',
  recordedAt: now,
} as const;
const away: Availability = { ...input, cancelledAt: null };
const code = (value: string) => expect.objectContaining({ code: value });

test('days away lie in the service and do not overlap', () => {
  expect(recordAvailability(input, service, []).state).toEqual(away);
  const refuse =
    (over: Partial<Availability>, others: Availability[] = []) =>
    () =>
      recordAvailability({ ...input, ...over }, service, others);
  expect(refuse({}, [{ ...away, awayFrom: '2026-11-27', awayTo: '2026-11-27' }])).toThrow(code('AWAY_OVERLAPS'));
  expect(refuse({ awayTo: '2026-11-19' })).toThrow(code('INTERVAL_REVERSED'));
  expect(refuse({ awayFrom: '2019-12-31' })).toThrow(code('NOT_EMPLOYED'));
  expect(refuse({ awayTo: '2031-01-01' })).toThrow(code('NOT_EMPLOYED'));
  expect(refuse({ awayTo: '2036-12-01' })).toThrow(code('AWAY_TOO_LONG'));
});

test('what was cancelled is in nobody’s way, and is cancelled once', () => {
  const { state } = cancelAvailability(away, now);
  expect(recordAvailability(input, service, [state]).state).toEqual(away);
  expect(() => cancelAvailability(state, now)).toThrow(code('AVAILABILITY_CANCELLED'));
});
