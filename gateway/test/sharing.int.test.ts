/** Work that is done once: references that repeat, plans, and reads of the public that are under way. */
import { QueryPlanner } from '@apollo/query-planner';
import { jest } from '@jest/globals';
import { eventually } from './eventually.js';
import { type SmallGraph, startSmallGraph } from './small-graph.js';

const colleagues = (...ids: string[]) => ids.map((id) => ({ id, name: `name ${id}` }));
const planned = ['query Boss { employee(id: "1") { name boss { score } } }'];
let plans: jest.SpiedFunction<QueryPlanner['buildQueryPlan']>;
let graph: SmallGraph;
beforeAll(async () => {
  plans = jest.spyOn(QueryPlanner.prototype, 'buildQueryPlan');
  graph = await startSmallGraph(
    {
      employee: { id: '1', name: 'Ani', boss: { id: '9' }, colleagues: colleagues('2', '3', '2', '2', '3') },
      slow: 'here',
    },
    {
      score(this: { id: string }) {
        if (this.id === '3') throw new Error('no score');
        return Number(this.id);
      },
    },
    { planned },
  );
});
afterAll(() => graph.stop());
beforeEach(() => {
  graph.people.answerWith(null);
  graph.people.asked.length = 0;
  graph.scores.asked.length = 0;
});

describe('references', () => {
  test('that repeat are asked for once, and answers and errors come back to every place', async () => {
    const { body } = await graph.ask('{ employee(id: "1") { colleagues { id score } } }');
    expect(graph.scores.asked.map(({ variables }) => variables)).toEqual([
      {
        representations: [
          { __typename: 'Employee', id: '2' },
          { __typename: 'Employee', id: '3' },
        ],
      },
    ]);
    expect(body.data.employee.colleagues).toEqual([
      { id: '2', score: 2 },
      { id: '3', score: null },
      { id: '2', score: 2 },
      { id: '2', score: 2 },
      { id: '3', score: null },
    ]);
    expect(body.errors.map(({ path }: { path: unknown[] }) => path)).toEqual([
      ['employee', 'colleagues', 1, 'score'],
      ['employee', 'colleagues', 4, 'score'],
    ]);
  });

  test.each<[string, string]>([
    ['more', '{"data":{"_entities":[{"score":1},{"score":2},{"score":3},{"score":4},{"score":5}]}}'],
    ['fewer', '{"data":{"_entities":[{"score":1}]}}'],
    ['no', '{"data":{"_entities":"all"}}'],
  ])('that are answered with %s entities than were asked for are lost, each at its place', async (_, answer) => {
    graph.scores.answerWith((response) => response.setHeader('content-type', 'application/json').end(answer));
    const { body } = await graph.ask('{ employee(id: "1") { colleagues { id score } } }');
    graph.scores.answerWith(null);
    expect(body.data.employee.colleagues.map(({ score }: { score: unknown }) => score)).toEqual(Array(5).fill(null));
    expect(body.errors).toHaveLength(5);
    expect(body.errors[0].extensions.code).toBe('SERVICE_UNAVAILABLE');
  });
});

describe('plans', () => {
  test('of known documents are made before anyone asks, and no service is asked for that', async () => {
    const before = plans.mock.calls.length;
    expect(before).toBeGreaterThanOrEqual(2); // with the operation's name, and without
    const { body } = await graph.ask(planned[0]!);
    expect(body.data.employee.boss.score).toBe(9);
    expect(plans.mock.calls.length).toBe(before);
    await graph.ask('query Other { employee(id: "1") { name boss { score } } }');
    expect(plans.mock.calls.length).toBe(before + 1);
    expect(graph.people.asked).toHaveLength(2); // those two, none at the start
  });
});

/** Holds what people is asked; `release` answers all of it, and everything from then on. */
function hold(answer: string) {
  const held: (() => void)[] = [];
  graph.people.answerWith((response) =>
    held.push(() => response.setHeader('content-type', 'application/json').end(answer)),
  );
  return {
    held,
    release: () => {
      for (const go of held.splice(0)) go();
      graph.people.answerWith((response) => response.setHeader('content-type', 'application/json').end(answer));
    },
  };
}

const PICK = 'query Pick($size: Size, $colour: Colour = RED) { pick(size: $size, colour: $colour) }';
const NAMED = '{"data":{"pick":"it"}}';

/** How many reads have waited for another one so far, by the gateway's own figure. */
const joined = async () => {
  const figures = await (await fetch(`${graph.url}/metrics`)).text();
  return Number(/^merit_gateway_shared_total (\d+)/m.exec(figures)![1]);
};

describe('reads of the public', () => {
  test('that are the same and under way are executed once, however their variables are written', async () => {
    const { held, release } = hold(NAMED);
    const before = await joined();
    const asked = [
      graph.ask(PICK, { variables: { size: { width: 1 } } }),
      ...Array.from({ length: 9 }, (_, n) =>
        graph.ask(PICK, { variables: n % 2 ? { size: { width: 1 } } : { colour: 'RED', size: { width: 1 } } }),
      ),
    ];
    await eventually(async () => (await joined()) === before + 9);
    expect(held).toHaveLength(1);
    release();
    const answers = await Promise.all(asked);
    expect(answers.map(({ body }) => body)).toEqual(Array(10).fill({ data: { pick: 'it' } }));
    expect(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size).toBe(10);
    expect(graph.people.asked).toHaveLength(1);
    expect(await graph.ask(PICK, { variables: { size: { width: 1 } } })).toMatchObject({ status: 200 });
    expect(graph.people.asked).toHaveLength(2); // over is over: nothing is kept
  });

  test('that differ, or have a token, or wait for an answer that fails, are executed each for itself', async () => {
    const bearer = { authorization: `Bearer ${await graph.token({ sub: 'ani' })}` };
    const { held, release } = hold(NAMED);
    const asked = [
      graph.ask(PICK, { variables: { size: { width: 1 } } }),
      graph.ask(PICK, { variables: { size: { width: 2 } } }),
      graph.ask(PICK, { variables: { size: { width: 1 }, colour: 'GREEN' } }),
      graph.ask(PICK, { variables: { size: { width: 1 } }, headers: bearer }),
      graph.ask(PICK, { variables: { size: { width: 1 } }, headers: bearer }),
    ];
    await eventually(async () => held.length === 5);
    release();
    for (const { body } of await Promise.all(asked)) expect(body).toEqual({ data: { pick: 'it' } });

    graph.people.asked.length = 0;
    const failing = hold('{"data":{"pick":null},"errors":[{"message":"no","path":["pick"]}]}');
    const before = await joined();
    const others = [graph.ask(PICK), graph.ask(PICK), graph.ask(PICK)];
    await eventually(async () => (await joined()) === before + 2);
    failing.release();
    for (const { body } of await Promise.all(others)) {
      expect(body.errors[0].extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    }
    expect(graph.people.asked).toHaveLength(3);
  });

  test('do not join one that began before a change was answered, and changes share nothing', async () => {
    const { held, release } = hold('{"data":{"slow":"old","dawdle":"done"}}');
    const old = graph.ask('{ slow }');
    await eventually(async () => held.length === 1);
    const changes = [graph.ask('mutation { dawdle }'), graph.ask('mutation { dawdle }')];
    await eventually(async () => held.length === 3);
    for (const go of held.splice(1)) go();
    await Promise.all(changes);
    graph.people.answerWith((response) =>
      response.setHeader('content-type', 'application/json').end('{"data":{"slow":"new"}}'),
    );
    expect((await graph.ask('{ slow }')).body).toEqual({ data: { slow: 'new' } });
    release();
    expect((await old).body).toEqual({ data: { slow: 'old' } });
  });
});
