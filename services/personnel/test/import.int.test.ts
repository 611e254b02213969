import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { PUBLIC } from '@merit/chassis/api/viewer';
import { employee, newNip, OFFICER, personnel, SYSTEM } from './personnel.js';

const { act, refused, ask, agency, person, events, database, statements } = personnel();

const ANSWER = 'imported unchanged problems { row field code message }';
const importUnits = (agencyId: string, rows: object[], over: object = {}) =>
  act(OFFICER, 'importUnits', { agencyId, rows, ...over }, ANSWER);
const importEmployees = (agencyId: string, rows: object[], over: object = {}) =>
  act(OFFICER, 'importEmployees', { agencyId, rows, ...over }, ANSWER);
const none = { problems: [] };
const told = ({ problems }: { problems: { row: number; field: string; code: string }[] }) =>
  problems.map(({ row, field, code }) => [row, code, field].filter((part) => part !== null).join(' '));
const rows = async () =>
  (
    await database.db.query(`select (select count(*)::int from unit) as units, (select count(*)::int from employee) as employees,
      (select count(*)::int from position) as positions, (select count(*)::int from assignment) as assignments,
      (select count(*)::int from outbox) as events, (select count(*)::int from directory_assignment) as directory`)
  )[0];

const units = [
  { code: '1.1', name: 'Bidang Pelayanan', parentCode: '1', kind: 'BIDANG', validFrom: '2015-01-01' },
  { code: '1', name: 'Dinas Kependudukan', parentCode: ' ', kind: 'perangkat_daerah', validFrom: '2015-01-01' },
  { code: '1.1.1', name: 'Seksi KTP-el', parentCode: '1.1', kind: 'SEKSI', validFrom: '2016-01-01' },
];
const row = (over: object = {}) => ({
  nip: newNip(),
  name: 'Fulan',
  kind: 'PNS',
  serviceFrom: '2015-03-01',
  unitCode: '1.1',
  positionTitle: 'Analis Kependudukan',
  positionKind: 'PELAKSANA',
  decreeNumber: '800/1/2016',
  decreeDate: '2016-01-04',
  validFrom: '2016-01-04',
  ...over,
});

describe('units', () => {
  test('are set up with their tree, and a second time nothing changes', async () => {
    const agencyId = await agency();
    expect(await importUnits(agencyId, units, { validateOnly: true })).toEqual({ imported: 3, unchanged: 0, ...none });
    expect(await importUnits(agencyId, units)).toEqual({ imported: 3, unchanged: 0, ...none });
    const before = await rows();
    expect(await importUnits(agencyId, units)).toEqual({ imported: 0, unchanged: 3, ...none });
    expect(await rows()).toEqual(before);
    const { units: found } = await ask(
      PUBLIC,
      'query ($id: ID!) { units(agencyId: $id) { edges { node { id code name kind ancestors { code } } } } }',
      { id: agencyId },
    );
    expect(
      found.edges.map(({ node }: { node: { code: string; ancestors: { code: string }[] } }) => [
        node.code,
        ...node.ancestors.map(({ code }) => code),
      ]),
    ).toEqual([['1'], ['1.1', '1'], ['1.1.1', '1.1', '1']]);
    const last = found.edges[2].node;
    expect((await events(last.id)).map(([name]) => name)).toEqual(['UnitRegistered']);
    await act(
      OFFICER,
      'renameUnit',
      { unitId: last.id, name: 'Seksi Identitas', validFrom: '2020-01-01' },
      '__typename',
    );
    expect(await importUnits(agencyId, units)).toEqual({ imported: 0, unchanged: 3, ...none });
  });

  test('with problems are told row by row, and none is set up', async () => {
    const agencyId = await agency();
    await importUnits(agencyId, units.slice(1, 2));
    const before = await rows();
    const valid = { code: 'v', name: 'V', parentCode: '1', kind: 'SEKSI', validFrom: '2020-01-01' };
    const answer = await importUnits(agencyId, [
      valid,
      { ...valid, code: 'a', kind: 'KANTOR' },
      { ...valid, code: 'b', validFrom: '2020-02-30' },
      { ...valid, code: 'c', name: ' ' },
      { ...valid, code: 'd', parentCode: 'nothing' },
      { ...valid, code: 'e', parentCode: 'f' },
      { ...valid, code: 'f', parentCode: 'e' },
      { ...valid, code: 'g', validFrom: '2014-12-31' },
      valid,
      { ...units[1], name: 'Dinas Lain' },
      { ...valid, code: 'n\0' },
    ]);
    expect(told(answer)).toEqual([
      '1 VALUE_UNKNOWN kind',
      '2 DATE_INVALID validFrom',
      '3 TEXT_REQUIRED name',
      '4 UNIT_NOT_FOUND parentCode',
      '5 UNIT_NOT_FOUND parentCode',
      '6 UNIT_CYCLE parentCode',
      '7 UNIT_NOT_OPEN parentCode',
      '8 ROW_REPEATED code',
      '9 UNIT_DIFFERS name',
      '10 TEXT_INVALID code',
    ]);
    expect(answer.imported).toBe(0);
    expect(await rows()).toEqual(before);
  });
});

describe('people', () => {
  test('are entered and appointed, and a second time nothing changes', async () => {
    const agencyId = await agency();
    await importUnits(agencyId, units);
    const head = row({ name: 'Kepala', positionTitle: 'Kepala Bidang', positionKind: 'ADMINISTRATOR', leading: true });
    const people = [
      head,
      row(),
      row({ positionTitle: 'ANALIS KEPENDUDUKAN' }),
      row({
        nip: newNip({ appointed: '202121' }),
        kind: 'PPPK',
        contractFrom: '2024-01-01',
        contractTo: '2028-12-31',
        unitCode: '',
        positionTitle: null,
      }),
      { ...head, unitCode: '1.1.1', positionTitle: 'Kepala Seksi', positionKind: 'PENGAWAS', assignmentKind: 'PLT' },
    ];
    expect(await importEmployees(agencyId, people, { validateOnly: true })).toEqual({
      imported: 5,
      unchanged: 0,
      ...none,
    });
    const start = await rows();
    expect(await importEmployees(agencyId, people)).toEqual({ imported: 5, unchanged: 0, ...none });
    const after = await rows();
    expect(after).toEqual({
      ...start,
      employees: start.employees + 4,
      positions: start.positions + 3,
      assignments: start.assignments + 4,
      events: start.events + 8,
      directory: start.directory + 4,
    });
    expect(await importEmployees(agencyId, people)).toEqual({ imported: 0, unchanged: 5, ...none });
    expect(await rows()).toEqual(after);

    const { employeesByNip } = await ask(
      OFFICER,
      'query ($a: ID!, $n: [String!]!) { employeesByNip(agencyId: $a, nips: $n) { employee { id supervisor { name } unit { code } } } }',
      { a: agencyId, n: people.map(({ nip }) => nip) },
    );
    expect(employeesByNip[1].employee).toMatchObject({ supervisor: { name: 'Kepala' }, unit: { code: '1.1' } });
    expect((await events(employeesByNip[0].employee.id)).map(([name]) => name)).toEqual([
      'EmployeeRegistered',
      'PositionAssigned',
      'PositionAssigned',
    ]);
  });

  test('of one import sent twice at once are entered once', async () => {
    const agencyId = await agency();
    await importUnits(agencyId, units);
    const people = [row(), row(), row()];
    const answers = await Promise.all([importEmployees(agencyId, people), importEmployees(agencyId, people)]);
    expect(answers.map(({ imported }) => imported).sort()).toEqual([0, 3]);
    expect(answers.flatMap(({ problems }) => problems)).toEqual([]);
  });

  test('with problems are told row by row, and none is entered', async () => {
    const agencyId = await agency();
    await importUnits(agencyId, units);
    const there = row();
    const elsewhere = newNip();
    await person(await agency(), { nip: elsewhere });
    const head = { positionTitle: 'Kepala Bidang', positionKind: 'ADMINISTRATOR', leading: true };
    await importEmployees(agencyId, [there, row(head)]);
    const annulled = (
      await ask(
        OFFICER,
        `query ($a: ID!, $n: [String!]!) { employeesByNip(agencyId: $a, nips: $n) {
      employee { positionAssignments { edges { node { id } } } } } }`,
        { a: agencyId, n: [there.nip] },
      )
    ).employeesByNip[0].employee.positionAssignments.edges[0].node.id;
    await act(OFFICER, 'annulAssignment', { assignmentId: annulled, reason: 'x' }, '__typename');
    const before = await rows();
    const twice = newNip();
    const problems: [object, string][] = [
      [row(), ''],
      [row({ nip: '=cmd()' }), 'NIP_MALFORMED nip'],
      [row({ nip: '1985061520100310\0' }), 'NIP_MALFORMED nip'],
      [row({ nip: elsewhere }), 'NIP_TAKEN nip'],
      [row({ kind: 'HONORER' }), 'VALUE_UNKNOWN kind'],
      [row({ serviceFrom: '01/03/2015' }), 'DATE_INVALID serviceFrom'],
      [row({ contractFrom: '2024-01-01' }), 'CONTRACT_NOT_ALLOWED contractFrom'],
      [row({ name: 'a'.repeat(201) }), 'TEXT_TOO_LONG name'],
      [{ ...there, name: 'Orang Lain' }, 'EMPLOYEE_DIFFERS name'],
      [there, 'ASSIGNMENT_ANNULLED positionTitle'],
      [row({ unitCode: '9.9' }), 'UNIT_NOT_FOUND unitCode'],
      [row({ unitCode: 'x\0' }), 'TEXT_INVALID unitCode'],
      [row({ unitCode: null }), 'VALUE_REQUIRED unitCode'],
      [row({ positionKind: undefined }), 'VALUE_REQUIRED positionKind'],
      [row({ decreeDate: '2027-01-01' }), 'DECREE_IN_FUTURE decreeDate'],
      [row({ validFrom: '2014-01-01' }), 'NOT_EMPLOYED validFrom'],
      [row({ positionTitle: 'Kepala Bidang' }), 'POSITION_DIFFERS positionKind'],
      [row(head), 'POSITION_HELD positionId'],
      [row({ ...head, positionTitle: 'Kepala Lain' }), 'UNIT_HAS_LEADER leading'],
      [row({ nip: twice }), ''],
      [row({ nip: twice, unitCode: '1', name: 'Fulan' }), 'EMPLOYEE_HOLDS_POSITION validFrom'],
    ];
    const answer = await importEmployees(
      agencyId,
      problems.map(([sent]) => sent),
    );
    expect(told(answer)).toEqual(problems.flatMap(([, code], index) => (code === '' ? [] : `${index} ${code}`)));
    expect(JSON.stringify(answer)).not.toMatch(/\d{18}/);
    expect(await rows()).toEqual(before);
  });

  test('are entered by HR of the agency only, and nobody appoints themselves', async () => {
    const agencyId = await agency();
    await importUnits(agencyId, units);
    const nip = newNip();
    const own = employee(await person(agencyId, { nip, name: 'Fulan' }));
    expect(await refused(own, 'importEmployees', { agencyId, rows: [row()] })).toBe('FORBIDDEN');
    const role = {
      employeeId: own.kind === 'EMPLOYEE' && own.employeeId,
      role: 'HR',
      agencyId,
      validFrom: '2020-01-01',
    };
    await act(SYSTEM, 'grantRole', role, '__typename');
    const answer = await act(own, 'importEmployees', { agencyId, rows: [row({ nip }), row()] }, ANSWER);
    expect(told(answer)).toEqual(['0 FORBIDDEN nip']);
    expect(await refused(OFFICER, 'importEmployees', { agencyId: randomUUID(), rows: [] })).toBe(
      'AGENCY_NOT_FOUND agencyId',
    );
  });

  test('a thousand take as many statements as ten, and a moment', async () => {
    const agencyId = await agency();
    await importUnits(agencyId, units);
    const people = (count: number) =>
      Array.from({ length: count }, (_, i) => row({ positionTitle: `Jabatan ${i % 50}` }));
    const few = await statements(() => importEmployees(agencyId, people(10)));
    const thousand = people(1000);
    const start = performance.now();
    const many = await statements(() => importEmployees(agencyId, thousand));
    const took = performance.now() - start;
    expect(many).toBe(few);
    expect(await importEmployees(agencyId, thousand)).toEqual({ imported: 0, unchanged: 1000, ...none });
    expect(await refused(OFFICER, 'importEmployees', { agencyId, rows: people(1001) })).toBe('TOO_MANY_ROWS rows');
    process.stdout.write(`1,000 people imported in ${Math.round(took)} ms with ${many} statements\n`);
  });
});
