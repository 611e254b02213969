import {
  facts,
  leading,
  month,
  PERSON,
  nationalRules as rules,
  SERVICE,
  satisfaction,
  service,
  serving,
  step,
} from '../../test/mothers.js';
import type { Checkpoint } from './facts.js';
import type { Facts } from './fold.js';
import { publicFeedback, respondentsNeeded, sampleFor } from './public.js';

const OTHER = '00000000-0000-7000-8000-00000000c002';
const attain = (known: Partial<Facts>, checkpoint: Checkpoint = month(7)) => {
  const { attainment, share, note, sources } = publicFeedback(
    { ...facts(known), employeeId: PERSON },
    rules,
    checkpoint,
  );
  return { attainment: attainment?.toFixed(2) ?? null, share: share.toFixed(4), note, sources };
};
/** Forty responses with this mean answer to all nine elements, to the end of June. */
const measured = (mean: number, over: Parameters<typeof service>[0] = {}) =>
  service({ satisfaction: [satisfaction('2026-06-30', 40, 40 * mean)], ...over });
/** Complaints finished on a day of June, so many in time and so many late. */
const complaints = (inTime: number, late: number, on = '2026-06-10') =>
  Array.from({ length: inTime + late }, (_, n) =>
    step(`k${n}`, 2, 'RESOLVED', on, { inTime: n < inTime, dueAt: new Date(`${on}T08:00:00Z`) }),
  );

describe('R6: whom it concerns', () => {
  test('not those who serve nothing', () => {
    expect(attain({ services: [measured(4)] })).toMatchObject({
      attainment: null,
      note: 'left out: serves no public service',
    });
  });

  test('the weight goes by the days on which one served any', () => {
    const half = serving({ from: '2026-01-01', to: '2026-03-31' });
    expect(attain({ serving: [half], services: [measured(3)] })).toMatchObject({
      attainment: '75.00',
      share: '0.4972',
    }); // 90 ÷ 181
    const both = [half, serving({ from: '2026-03-01', to: '2026-04-30' }, OTHER)];
    const services = [measured(3), measured(3, { serviceId: OTHER })];
    expect(attain({ serving: both, services }).share).toBe('0.6630'); // 120 ÷ 181, March once
  });

  test('several services are averaged by days served', () => {
    const known = {
      serving: [
        serving({ from: '2026-01-01', to: '2026-01-30' }),
        serving({ from: '2026-02-01', to: '2026-05-01' }, OTHER),
      ],
      services: [measured(4), measured(2, { serviceId: OTHER })],
    };
    expect(attain(known).attainment).toBe('62.50'); // (30 × 100 + 90 × 50) ÷ 120
  });

  test('staff are seen by four elements, the head by all nine', () => {
    const elements = { WAKTU: 160, KOMPETENSI: 160, PERILAKU: 160, PENGADUAN: 160 };
    const others = { PERSYARATAN: 80, PROSEDUR: 80, BIAYA: 80, PRODUK: 80, SARANA: 80 };
    const services = [service({ satisfaction: [satisfaction('2026-06-30', 40, { ...elements, ...others })] })];
    expect(attain({ serving: [serving()], services }).attainment).toBe('100.00');
    expect(attain({ leading: [leading()], services }).attainment).toBe('72.22');
  });

  test('a head needs no assignment, has the days held, and is not staff of the own unit too', () => {
    const held = leading({ span: { from: '2026-06-01', to: '2026-12-31' } });
    expect(attain({ leading: [held], services: [measured(3)] }).share).toBe('0.1657'); // 30 ÷ 181
    const elements = { WAKTU: 160, KOMPETENSI: 160, PERILAKU: 160, PENGADUAN: 160, SARANA: 40 };
    const services = [service({ satisfaction: [satisfaction('2026-06-30', 40, elements)] })];
    const known = { leading: [leading()], serving: [serving()], services };
    expect(attain(known)).toMatchObject({ attainment: '85.00', share: '1.0000' });
  });

  test('of two holders the definitive one is the head, and who acts for him only on the other days', () => {
    const acting = leading({ kind: 'PLT', span: { from: '2026-01-01', to: '2026-06-30' } });
    const definitive = leading({ employeeId: 'someone', span: { from: '2026-03-01', to: '2026-12-31' } });
    expect(attain({ leading: [acting, definitive], services: [measured(3)] }).share).toBe('0.3260'); // 59 ÷ 181
    const standIn = leading({ employeeId: 'someone', kind: 'PLH' });
    expect(attain({ leading: [acting, standIn], services: [measured(3)] }).share).toBe('1.0000');
    const beside = leading({ employeeId: 'someone', kind: 'RANGKAP', span: { from: '2026-03-01', to: '2026-12-31' } });
    expect(attain({ leading: [acting, beside], services: [measured(3)] }).share).toBe('0.3260'); // as a definitive one
    expect(attain({ leading: [leading(), beside], services: [measured(3)] }).share).toBe('1.0000');
    const entered = { recordedAt: new Date('2026-02-01T00:00:00Z'), assignmentId: '0' };
    const again = leading({ employeeId: 'someone', ...entered });
    expect(attain({ leading: [leading(), again], services: [measured(3)] }).attainment).toBeNull(); // recorded last
    const successor = leading({ employeeId: 'someone', span: { from: '2026-06-01', to: '2026-12-31' } });
    expect(attain({ leading: [leading(), successor], services: [measured(3)] }).share).toBe('0.8343'); // 151 ÷ 181
  });
});

describe('R7: satisfaction', () => {
  test("a unit's index pools the responses of its services", () => {
    const services = [
      service({ satisfaction: [satisfaction('2026-06-30', 8, 32)] }),
      service({ serviceId: OTHER, satisfaction: [satisfaction('2026-06-30', 24, 48)] }),
    ];
    expect(attain({ leading: [leading()], services })).toMatchObject({ attainment: '62.50' }); // (32 + 48) ÷ 32 ÷ 4
    expect(attain({ serving: [serving()], services })).toMatchObject({ note: 'left out: n = 8, needs 30' });
  });

  test.each([
    [null, 30],
    [3, 10],
    [12, 12],
    [25, 24],
    [32, 30],
    [100_000, 30],
  ])('of %p served, %p have to answer', (population, needs) => {
    expect(respondentsNeeded(population, rules.satisfaction)).toBe(needs);
  });

  test('the sample is the printed table of Krejcie and Morgan', () => {
    const table =
      '10:10 15:14 20:19 25:24 30:28 35:32 40:36 45:40 50:44 55:48 60:52 65:56 70:59 75:63 80:66 85:70 90:73 95:76 100:80 110:86 120:92 130:97 140:103 150:108 160:113 170:118 180:123 190:127 200:132 210:136 220:140 230:144 240:148 250:152 260:155 270:159 280:162 290:165 300:169 320:175 340:181 360:186 380:191 400:196 420:201 440:205 460:210 480:214 500:217 550:226 600:234 650:242 700:248 750:254 800:260 850:265 900:269 950:274 1000:278 1100:285 1200:291 1300:297 1400:302 1500:306 1600:310 1700:313 1800:317 1900:320 2000:322 2200:327 2400:331 2600:335 2800:338 3000:341 3500:346 4000:351 4500:354 5000:357 6000:361 7000:364 8000:367 9000:368 10000:370 15000:375 20000:377 30000:379 40000:380 50000:381 75000:382';
    const rows = table.split(' ').map((row) => row.split(':').map(Number) as [number, number]);
    expect(rows.map(([population]) => [population, sampleFor(population, rules.satisfaction.sample)])).toEqual(rows);
  });

  test('too few responses are a source that counts for nothing; nobody learns when', () => {
    const few = satisfaction('2026-06-30', 12, 48);
    const { sources } = attain({ serving: [serving()], services: [service({ satisfaction: [few] })] });
    expect(sources).toEqual([
      {
        eventId: few.eventId,
        type: 'SatisfactionMeasured',
        quantity: '12',
        counted: '0',
        reason: 'TOO_FEW_RESPONDENTS',
        occurredAt: null,
        actor: null,
      },
    ]);
  });

  test('no survey in the whole year: members left out, the head has 0, good complaints or not', () => {
    const closed = month(12, { closed: true });
    const services = [service({ complaints: complaints(6, 0) })];
    expect(attain({ leading: [leading()], services: [service()] }).attainment).toBeNull();
    expect(attain({ leading: [leading()], services: [service()] }, closed).attainment).toBe('0.00');
    expect(attain({ leading: [leading()], services }, closed)).toMatchObject({
      attainment: '0.00',
      note: 'no survey in the whole year',
    });
    expect(attain({ serving: [serving()], services: [service()] }, closed)).toMatchObject({
      attainment: null,
      note: 'left out: no survey yet',
    });
  });
});

describe('R9: complaints', () => {
  test.each([
    [4, 0, '75.00', 'complaints: 4 due, needs 5'],
    [4, 1, '76.50', null], // 0.7 × 75 + 0.3 × 80
    [0, 5, '52.50', null],
  ])('%p in time and %p late beside satisfaction of 75 give %s', (inTime, late, attainment, note) => {
    const known = { serving: [serving()], services: [measured(3, { complaints: complaints(inTime, late) })] };
    expect(attain(known)).toMatchObject({ attainment, note });
  });

  test('alone they are the whole of P', () => {
    const services = [service({ complaints: complaints(3, 2) })];
    expect(attain({ serving: [serving()], services })).toMatchObject({ attainment: '60.00', note: 'no survey yet' });
  });

  test('only those that fell due while one served, in the year', () => {
    const services = [measured(3, { complaints: complaints(5, 0) })];
    expect(attain({ serving: [serving({ to: '2026-06-09' })], services }).attainment).toBe('75.00');
    expect(attain({ serving: [serving({ to: '2026-06-10' })], services }).attainment).toBe('82.50');
    const lastYear = [measured(3, { complaints: complaints(5, 0, '2025-12-30') })];
    expect(attain({ serving: [serving()], services: lastYear }).attainment).toBe('75.00');
  });

  test('a source carries the type of its event: one whose limit passed is not one that was resolved late', () => {
    const passed = step('k9', 3, 'DEADLINE_PASSED', '2026-06-20', { dueAt: new Date('2026-06-20T08:00:00Z') });
    const services = [service({ complaints: [...complaints(5, 0), passed] })];
    expect(attain({ serving: [serving()], services }).sources).toMatchObject([
      { eventId: 'k9-3', type: 'ComplaintDeadlinePassed' },
    ]);
  });

  test('a service is one source, named by its last complaint', () => {
    const services = [service({ complaints: complaints(4, 2) })];
    expect(attain({ serving: [serving()], services }).sources).toEqual([
      {
        eventId: 'k5-2',
        type: 'ComplaintResolved',
        quantity: '6',
        counted: '4',
        reason: 'LATE',
        occurredAt: '2026-06-10T03:00:00.000Z',
        actor: null,
      },
    ]);
  });
});

describe('the window', () => {
  const known = (from: string) => ({ serving: [serving({ from, to: '2026-12-31' })], services: [service()] });
  test.each([
    ['ends with the last month that is over', '2026-01-31', month(2), '0.0323'],
    ['is the month begun while none is over', '2026-01-31', month(1), '0.0323'],
    ['is the whole year once it is closed', '2026-12-31', month(12, { closed: true }), '0.0027'],
  ])('%s', (_, from, checkpoint, share) => {
    expect(attain(known(from), checkpoint).share).toBe(share);
  });

  test('reaches to the latest measurement, should it come before the month', () => {
    const services = [measured(3)];
    expect(attain({ serving: [serving({ from: '2026-06-01' })], services }, month(6)).share).toBe('0.1657');
  });
});

test('of several units and services, each counts for its own', () => {
  const known = {
    leading: [leading({ span: { from: '2026-01-01', to: '2026-01-30' } })],
    serving: [serving({ from: '2026-02-01', to: '2026-05-01' }, OTHER)],
    services: [
      measured(4, { serviceId: SERVICE }),
      service({ serviceId: OTHER, satisfaction: [satisfaction('2026-06-30', 40, 80, { unitId: 'another' })] }),
    ],
  };
  expect(attain(known).attainment).toBe('62.50');
});
