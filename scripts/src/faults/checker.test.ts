import type { Finding } from './checker.finding.js';
import { check } from './checker.js';
import type { Evidence, Given, Published, Written } from './evidence.js';
import type { Acknowledged, Unanswered } from './ledger.js';

const TYPE = 'merit.competency.v1.TrainingCompleted';
const event = (sequence: number, more: Partial<Written> = {}): Written => ({
  ...{ service: 'competency', eventId: `e${sequence}`, subject: 'enrolment/1', sequence, type: TYPE },
  ...{ parked: false, recordedAt: 100 },
  ...more,
});
const told = (more: Partial<Acknowledged> = {}): Acknowledged => ({
  ...{ key: 'k', fault: 'kill', service: 'competency', subject: 'enrolment/1', sequence: 1, type: TYPE },
  ...{ askedAt: 90, at: 100 },
  ...more,
});
const published = (sequence: number): Published => ({
  ...{ place: 'merit.competency.v1/0', eventId: `e${sequence}`, subject: 'enrolment/1', sequence },
});
const given = (sequence: number, more: Partial<Given> = {}): Given => ({
  ...{ service: 'performance', handler: `merit.competency.v1 ${TYPE}`, eventId: `e${sequence}` },
  ...{ subject: 'enrolment/1', sequence, snapshot: false },
  ...more,
});

/** One training, told once, that went all the way. */
const WELL: Evidence = {
  written: [event(1)],
  published: [published(1)],
  handlers: [{ service: 'performance', handler: `merit.competency.v1 ${TYPE}`, types: [TYPE] }],
  given: [given(1)],
  letters: [],
  applied: [{ service: 'performance', source: '/merit/competency', subject: 'enrolment/1', sequence: 1 }],
  scored: [{ employeeId: 'a', eventId: 'e1', quantity: 3 }],
};
const TRAINING = told({ training: { employeeId: 'a', hours: 3 } });
const WINDOWS = [{ fault: 'kill', from: 0 }];
const twoApplied = WELL.applied.map((row) => ({ ...row, sequence: 2 }));
const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);
const found = (
  evidence: Partial<Evidence>,
  acknowledged = [TRAINING],
  windows: Parameters<typeof check>[2] = WINDOWS,
  unanswered: readonly Unanswered[] = [],
) => kinds(check({ acknowledged, unanswered }, { ...WELL, ...evidence }, windows));

test('finds nothing where all is well', () => {
  expect(found({})).toEqual([]);
});

test('an answer without its event is lost, and an event that nobody was told of is one too many', () => {
  expect(check({ acknowledged: [TRAINING], unanswered: [] }, { ...WELL, written: [] }, WINDOWS)).toContainEqual(
    expect.objectContaining({ kind: 'lost', fault: 'kill' }),
  );
  const written = [event(1), event(2)];
  const evidence = {
    written,
    published: [published(1), published(2)],
    given: [given(1), given(2)],
    applied: twoApplied,
  };
  expect(found(evidence)).toEqual(['twice']);
});

describe('of two complaints, of which one was told of', () => {
  const RECEIVED = { service: 'feedback', type: 'merit.feedback.v1.ComplaintReceived' } as const;
  const received = (n: number): Written => event(1, { ...RECEIVED, eventId: `c${n}`, subject: `complaint/${n}` });
  const complaints = {
    written: [event(1), received(1), received(2)],
    published: [1, 2]
      .map((n) => ({ ...published(1), eventId: `c${n}`, subject: `complaint/${n}` }))
      .concat(published(1)),
  };
  const answers = [TRAINING, told({ ...RECEIVED, key: 'c', subject: 'complaint/1' })];
  const unanswered = { ...RECEIVED, key: 'u', fault: 'kill' };

  test('the other is one too many', () => {
    expect(check({ acknowledged: answers, unanswered: [] }, { ...WELL, ...complaints }, WINDOWS)).toEqual([
      {
        kind: 'twice',
        fault: 'kill',
        what: `feedback complaint/2 ${RECEIVED.type}: told 0 times, written 1 times`,
      },
    ]);
  });

  test('it may be that of a mutation without an answer, but two of them may not', () => {
    expect(found(complaints, answers, WINDOWS, [unanswered])).toEqual([]);
    expect(found(complaints, [TRAINING], WINDOWS, [unanswered])).toEqual(['twice']);
    expect(found(complaints, answers, WINDOWS, [{ ...unanswered, service: 'competency' }])).toEqual(['twice']);
  });
});

test('what nobody asked for, such as what follows from another event, needs no answer', () => {
  const derived = event(1, { eventId: 'd', subject: 'ledger/1', type: 'merit.competency.v1.LearningHoursCounted' });
  const evidence = {
    written: [event(1), derived],
    published: [published(1), { ...published(1), eventId: 'd', subject: 'ledger/1' }],
    applied: [...WELL.applied, { ...WELL.applied[0]!, subject: 'ledger/1' }],
  };
  expect(found(evidence)).toEqual([]);
});

describe('a record of who read whose data', () => {
  const READ = 'merit.access.v1.AccessRecorded';
  const record = event(1, { eventId: 'a1', subject: 'access/1', type: READ });
  const personnel = { service: 'personnel', handler: `merit.access.v1 ${READ}` } as const;
  const access = {
    written: [event(1), record],
    published: [published(1), { ...published(1), place: 'merit.access.v1/0', eventId: 'a1', subject: 'access/1' }],
    handlers: [...WELL.handlers, { ...personnel, types: [READ] }],
    given: [given(1), given(1, { ...personnel, eventId: 'a1', subject: 'access/1' })],
    applied: [...WELL.applied, { ...WELL.applied[0]!, service: 'personnel' as const, subject: 'access/1' }],
  };

  test('is on its topic, and takes effect once', () => {
    expect(found(access)).toEqual([]);
    expect(found({ ...access, published: [published(1)] })).toEqual(['lost']);
    expect(found({ ...access, given: [given(1)] })).toEqual(['lost']);
    expect(found({ ...access, given: [...access.given, access.given[1]!] })).toEqual(['twice']);
    expect(found({ ...access, applied: WELL.applied })).toEqual(['lost']);
  });
});

test('an event that is on no topic, or that a handler never got, is lost', () => {
  expect(found({ published: [] })).toEqual(['lost']);
  expect(found({ given: [] })).toEqual(['lost']);
});

test('an event that took effect twice is found, and the parts of a snapshot are no second time', () => {
  expect(found({ given: [given(1), given(1)] })).toEqual(['twice']);
  expect(found({ given: [given(1), given(1, { snapshot: true })] })).toEqual([]);
});

describe('of two events of one thing', () => {
  const both = {
    written: [event(1), event(2)],
    published: [published(1), published(2)],
    given: [given(1), given(2)],
    applied: twoApplied,
  };
  const answers = [TRAINING, told({ sequence: 2, training: { employeeId: 'a', hours: 3 } })];

  test('repetitions on the topic are no harm', () => {
    expect(found({ ...both, published: [published(1), published(2), published(1), published(2)] }, answers)).toEqual(
      [],
    );
  });

  test('the later one first on the topic is an inversion, unless the fault was just that', () => {
    const turned = { ...both, published: [published(2), published(1)] };
    expect(found(turned, answers)).toEqual(['inversion']);
    expect(found(turned, answers, [{ fault: 'kill', from: 0, disorders: true }])).toEqual([]);
  });

  test('the later one first at a handler is an inversion whatever the fault', () => {
    const turned = { ...both, given: [given(2), given(1)] };
    expect(found(turned, answers, [{ fault: 'kill', from: 0, disorders: true }])).toEqual(['inversion']);
  });

  test('a service that stands at the first has lost the second', () => {
    expect(found({ ...both, applied: WELL.applied }, answers)).toEqual(['lost']);
  });
});

test('a score that lacks a training, has it twice or with other hours is found', () => {
  const [one] = WELL.scored;
  expect(found({ scored: [] })).toEqual(['lost']);
  expect(found({ scored: [one!, one!] })).toEqual(['twice']);
  expect(found({ scored: [{ ...one!, quantity: 2 }] })).toEqual(['lost']);
});

test('what still waits among the dead letters is found, and a gap is told of even when it was closed', () => {
  const letter = { service: 'performance' as const, eventId: 'e1', code: 'GAP', state: 'RETRIED', parkedAt: 100 };
  expect(found({ letters: [letter] })).toEqual(['gap']);
  expect(found({ letters: [{ ...letter, code: 'FAILED', state: 'WAITING' }] })).toEqual(['waiting']);
});

test('each finding is that of the fault in whose time it was written', () => {
  const windows = [
    { fault: 'kill', from: 0 },
    { fault: 'stop', from: 50 },
  ];
  expect(check({ acknowledged: [TRAINING], unanswered: [] }, { ...WELL, given: [] }, windows)).toEqual([
    expect.objectContaining({ fault: 'stop' }),
  ]);
});
