import { registerAgency } from './agency.js';

test('an agency lives by its own clock', () => {
  const { state, events } = registerAgency('a1', { name: ' Kabupaten Simeulue ', timeZone: 'Asia/Jakarta' });
  expect(state).toEqual({ id: 'a1', name: 'Kabupaten Simeulue', timeZone: 'Asia/Jakarta' });
  expect(events).toEqual([{ type: 'AgencyRegistered', agency: state }]);
});

test.each(['Asia/Jakart', 'WIB+7', '+07:00', '', 'x'.repeat(1_000_000)])('%.20p is no time zone', (timeZone) => {
  expect(() => registerAgency('a1', { name: 'Kota', timeZone })).toThrow(
    expect.objectContaining({ code: 'TIME_ZONE_UNKNOWN' }),
  );
});
