import fc from 'fast-check';
import { figuresAt, IDENTITY_FIGURES } from './identity-number.figures.js';
import { birthDateOf, type EmployeeKind, parseIdentityNumber, sexOf } from './identity-number.js';

const today = '2026-11-22';
const parse = (number: string, kind: EmployeeKind = 'PNS') =>
  parseIdentityNumber(number, kind, today, IDENTITY_FIGURES);
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return null;
};

test('a NIP gives birth date and sex', () => {
  expect(parse('198003172005012901')).toEqual({ number: '198003172005012901', birthDate: '1980-03-17', sex: 'FEMALE' });
  expect(parse('199912312021121955').sex).toBe('MALE');
});

test('an NI PPPK counts its appointment from 21', () => {
  expect(parse('199001012023211901', 'PPPK').sex).toBe('MALE');
  expect(parse('199001012025432901', 'PPPK_PARUH_WAKTU').sex).toBe('FEMALE');
});

test('blanks between the groups are left out, as decrees print them', () => {
  expect(parse(' 19800317 200501 2 901 ').number).toBe('198003172005012901');
});

test.each<[string, string, string, EmployeeKind]>([
  ['nothing', '', 'NIP_MALFORMED', 'PNS'],
  ['17 digits', '19800317200501290', 'NIP_MALFORMED', 'PNS'],
  ['19 digits', '1980031720050129011', 'NIP_MALFORMED', 'PNS'],
  ['a letter', '19800317200501290A', 'NIP_MALFORMED', 'PNS'],
  ['digits of another script', '١٩٨٠٠٣١٧٢٠٠٥٠١٢٩٠١', 'NIP_MALFORMED', 'PNS'],
  ['a formula', '=98003172005012901', 'NIP_MALFORMED', 'PNS'],
  ['a null byte', '19800317200501290\0', 'NIP_MALFORMED', 'PNS'],
  ['30 February', '198002302005012901', 'NIP_BIRTH_DATE', 'PNS'],
  ['29 February of a common year', '198102292005012901', 'NIP_BIRTH_DATE', 'PNS'],
  ['month 13 of birth', '198013012005012901', 'NIP_BIRTH_DATE', 'PNS'],
  ['a birth in the year 1', '000101012005012901', 'NIP_BIRTH_DATE', 'PNS'],
  ['appointment in month 00', '198003172005002901', 'NIP_APPOINTMENT_MONTH', 'PNS'],
  ['appointment in month 13', '198003172005132901', 'NIP_APPOINTMENT_MONTH', 'PNS'],
  ['appointment in month 20', '198003172005202901', 'NIP_APPOINTMENT_MONTH', 'CPNS'],
  ['frequency 13', '198003172021132901', 'NIP_FREQUENCY', 'PPPK'],
  ['frequency 20', '198003172021202901', 'NIP_FREQUENCY', 'PPPK_PARUH_WAKTU'],
  ['frequency 00', '198003172021002901', 'NIP_FREQUENCY', 'PPPK'],
  ['the NIP of a PNS for a PPPK', '198003172005122901', 'NIP_OF_OTHER_KIND', 'PPPK'],
  ['the NI PPPK for a PNS', '198003172021212901', 'NIP_OF_OTHER_KIND', 'PNS'],
  ['sex 0', '198003172005010901', 'NIP_SEX', 'PNS'],
  ['sex 3', '198003172005013901', 'NIP_SEX', 'PNS'],
  ['serial 000', '198003172005012000', 'NIP_SERIAL', 'PNS'],
  ['a birth to come', '203003172050012901', 'NIP_IN_FUTURE', 'PNS'],
  ['an appointment to come', '200003172026122901', 'NIP_IN_FUTURE', 'PNS'],
  ['an appointment before birth', '199003171980012901', 'NIP_TOO_YOUNG', 'PNS'],
  ['an appointment in the year 0', '199003170000212901', 'NIP_TOO_YOUNG', 'PPPK'],
  ['appointed the month before the 18th birthday', '200203012020022901', 'NIP_TOO_YOUNG', 'PNS'],
])('refuses %s', (_, number, code, kind) => {
  expect(codeOf(() => parse(number, kind))).toBe(code);
});

test('appointed in the month, or for a PPPK in the year, of the 18th birthday is old enough', () => {
  expect(codeOf(() => parse('200202282020022901'))).toBeNull();
  expect(codeOf(() => parse('200212312020212901', 'PPPK'))).toBeNull();
});

test('an error names the field and never the number', () => {
  const refused = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 18, maxLength: 18 });
  fc.assert(
    fc.property(refused, (number) => {
      try {
        expect(sexOf(parse(number).number)).not.toBeNull();
      } catch (error) {
        const { message, params } = error as { message: string; params: object };
        expect(params).toEqual({ field: 'nip' });
        expect(message).not.toContain(number.slice(0, 8));
      }
    }),
  );
});

test('what is built by the rule is accepted, and read back', () => {
  const built = fc.record({
    birth: fc.date({ min: new Date('1960-01-01'), max: new Date('2000-12-31'), noInvalidDate: true }),
    year: fc.integer({ min: 2019, max: 2025 }),
    month: fc.integer({ min: 1, max: 12 }),
    sex: fc.constantFrom('1', '2'),
    serial: fc.integer({ min: 1, max: 999 }),
  });
  fc.assert(
    fc.property(built, ({ birth, year, month, sex, serial }) => {
      const day = birth.toISOString().slice(0, 10);
      const number = `${day.replaceAll('-', '')}${year}${`${month}`.padStart(2, '0')}${sex}${`${serial}`.padStart(3, '0')}`;
      expect(parse(number).birthDate).toBe(day);
      expect(birthDateOf(number)).toBe(day);
    }),
  );
});

test('the figures are those in force on the day', () => {
  const later = { ...IDENTITY_FIGURES[0]!, validFrom: '2030-01-01', minimumAge: 21 };
  expect(figuresAt([later, ...IDENTITY_FIGURES], '2029-12-31').minimumAge).toBe(18);
  expect(figuresAt([later, ...IDENTITY_FIGURES], '2030-01-01').minimumAge).toBe(21);
});
