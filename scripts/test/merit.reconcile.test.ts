import { jest } from '@jest/globals';
import fc from 'fast-check';
import { eventsReconcile } from '../src/merit/events.reconcile.js';
import { type Applied, compare, compareTotals, type Published, publishedTogether } from '../src/merit/reconcile.js';

const TOPIC = 'merit.competency.v1';
const SOURCE = '/merit/competency';
const WHO = { reader: 'performance', topic: TOPIC, publisher: 'competency', source: SOURCE };
const TYPE = `${TOPIC}.TrainingCompleted`;
const published = (count: number, over: Partial<Published> = {}): Published[] => [
  { type: TYPE, day: '2026-03-04', published: count, ...over },
];
const applied = (over: Partial<Applied> = {}): Applied => ({
  ...{ topic: TOPIC, source: SOURCE, type: TYPE, day: '2026-03-04', applied: 0, discarded: 0, covered: 0, waiting: 0 },
  ...over,
});
const unexplained = (before: Published[], took: Applied[], after = before) =>
  compare({ ...WHO, before, after, applied: took }).map((line) => line.unexplained);

test('what was published and applied, discarded, covered or set aside is explained', () => {
  expect(unexplained(published(10), [applied({ applied: 6, discarded: 1, covered: 2, waiting: 1 })])).toEqual([0]);
});

test('what nobody can find is missing, and what nobody published is too much', () => {
  expect(unexplained(published(10), [applied({ applied: 7 })])).toEqual([3]);
  expect(unexplained(published(10), [])).toEqual([10]);
  expect(unexplained([], [applied({ applied: 2 })])).toEqual([-2]);
});

test('what is published while readers are asked is no difference', () => {
  expect(unexplained(published(10), [applied({ applied: 12 })], published(15))).toEqual([0]);
  expect(unexplained(published(10), [applied({ applied: 16 })], published(15))).toEqual([-1]);
});

test('what a snapshot jumped over explains as many as it covers, the earliest first', () => {
  const before = [...published(4, { day: '2026-03-03' }), ...published(4)];
  const jumped = (covered: number) => [applied({ type: 'merit.events.v1.Snapshot', day: '2026-03-05', covered })];
  expect(unexplained(before, jumped(8))).toEqual([0, 0]);
  expect(unexplained(before, jumped(5))).toEqual([0, 3]);
});

test('what a snapshot jumped over explains nothing of the days after it', () => {
  const snapshot = applied({ type: 'merit.events.v1.Snapshot', day: '2026-03-03', covered: 500 });
  const took = [snapshot, applied({ applied: 60 })];
  expect(unexplained(published(100), took)).toEqual([40]);
  expect(unexplained([...published(500, { day: '2026-03-03' }), ...published(100)], took)).toEqual([0, 40]);
  const later = applied({ type: 'merit.events.v1.Snapshot', day: '2026-03-04', covered: 40 });
  expect(unexplained([...published(500, { day: '2026-03-03' }), ...published(100)], [later, ...took])).toEqual([0, 0]);
});

test('of all events since the beginning, a snapshot explains as many as it covered and no more', () => {
  const total = (before: number, over: Partial<Applied>, after = before) =>
    compareTotals({ ...WHO, before, after, applied: [applied(over)] }).unexplained;
  expect(total(600, { applied: 100, covered: 500 })).toBe(0);
  expect(total(600, { applied: 60, covered: 500 })).toBe(40);
  expect(total(600, { applied: 95, covered: 500, discarded: 2, waiting: 3 })).toBe(0);
  expect(total(600, { applied: 103, covered: 500 }, 602)).toBe(-1);
  expect(total(600, { topic: 'merit.feedback.v1', applied: 600 })).toBe(600);
});

test('types of other topics, and what the house says of itself, are left alone', () => {
  const requests = [applied({ topic: 'merit.requests.v1', type: 'merit.events.v1.ReplayRequested', applied: 3 })];
  expect(unexplained([], requests)).toEqual([]);
});

test('of a topic of all services each publisher is compared, so that one too many of one hides no loss of another', () => {
  const access = { topic: 'merit.access.v1', type: 'merit.access.v1.AccessRecorded' };
  const took = [applied({ ...access, applied: 9 }), applied({ ...access, source: '/merit/feedback', applied: 4 })];
  const of = (publisher: string, before: Published[]) => {
    const who = { reader: 'personnel', topic: access.topic, publisher, source: `/merit/${publisher}` };
    return compare({ ...who, before, after: before, applied: took }).map((line) => line.unexplained);
  };
  expect(of('competency', published(10, access))).toEqual([1]);
  expect(of('feedback', published(3, access))).toEqual([-1]);
  expect(of('performance', [])).toEqual([]);
});

test('what was counted before its publisher was kept is compared with what all have published', () => {
  const access = { topic: 'merit.access.v1', type: 'merit.access.v1.AccessRecorded' };
  const took = [applied({ ...access, source: '', applied: 9 }), applied({ ...access, applied: 3 })];
  const before = publishedTogether([{ published: published(5, access) }, { published: published(8, access) }]);
  const who = { reader: 'personnel', topic: access.topic, publisher: 'all', source: null };
  expect(compare({ ...who, before, after: before, applied: took })).toMatchObject([{ applied: 12, unexplained: 1 }]);
  expect(compareTotals({ ...who, before: 13, after: 13, applied: took })).toMatchObject({
    applied: 12,
    unexplained: 1,
  });
});

test('however many come in however many ways, exactly those that are lost are missing', () => {
  const way = fc.nat(50);
  fc.assert(
    fc.property(way, way, way, way, fc.nat(20), (took, discarded, covered, waiting, lost) => {
      const all = took + discarded + covered + waiting + lost;
      fc.pre(all > 0);
      expect(unexplained(published(all), [applied({ applied: took, discarded, covered, waiting })])).toEqual([lost]);
    }),
  );
});

describe('while the transport of a reader is away', () => {
  /** What the services answer to: what is on its way; today; what was published; what became of it. */
  const reconciled = (onItsWay: object, became: object) => {
    const asked: unknown[] = [];
    const ask = async (query: string, variables?: unknown) => {
      asked.push(variables);
      if (query.includes('publishedInAll'))
        return { events: { timeline: 1, relay: { parked: 0 }, own: 0, reads: 0, published: [] } } as never;
      if (query.includes('backlog')) return { events: { relay: { backlog: 0, oldestSeconds: 0 } } } as never;
      if (query.includes('partition')) return { events: onItsWay } as never;
      if (query.includes('appliedInAll')) return { events: { applied: [], appliedInAll: [], ...became } } as never;
      return { events: { now: '2011-03-04T05:06:07.000Z' } } as never;
    };
    const graph = async () => ({ ask, close: async () => undefined });
    const options = { days: '3', wait: '0' };
    return { asked, done: eventsReconcile.run({ parameters: [], options, json: true, graph }) };
  };
  const printed = jest.spyOn(console, 'log');
  beforeEach(() => void printed.mockReset().mockReturnValue());
  afterAll(() => jest.restoreAllMocks());

  test('nobody knows what is still to be read, and nothing is said to be there', async () => {
    const words = /the transport does not answer/;
    await expect(reconciled({ lag: null }, { lag: [] }).done).rejects.toThrow(words);
    await expect(reconciled({ lag: [] }, { lag: null }).done).rejects.toThrow(words);
  });

  test('the days are those of the services, whatever day it is here', async () => {
    const { asked, done } = reconciled({ lag: [] }, { lag: [] });
    expect(await done).toBe(0);
    expect(asked).toContainEqual({ from: '2011-03-01', to: '2011-03-05' });
  });
});
