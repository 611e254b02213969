/** Who may see what, proven: every field, as everyone, by every way in, against the rule that stands at the field. */
import { readFileSync } from 'node:fs';
import {
  buildClientSchema,
  buildSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { SERVICES } from '../../scripts/src/start.plan.js';
import { LIMITS, overLimit } from '../src/limits.js';
import { measure } from '../src/measure.js';
import { compare, type Given, type Remark } from './matrix.compare.js';
import { readRules, type Viewer } from './matrix.rules.js';
import { argumentIn, entityIn, NARROWER, type Scene, SPOKEN, setScene, VIEWERS } from './matrix.scene.js';
import { entitiesOf, WAYS_IN, type Way, waysInto } from './matrix.ways.js';
import { startWorld, type World } from './world.js';

const file = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const rules = readRules(file('contracts/access.txt'));
const entities = entitiesOf(file('supergraph.graphql'));

/** A graph that can be asked: the gateway's, or a service's own, past the gateway. */
interface Door {
  readonly url: string;
  readonly schema: GraphQLSchema;
  readonly isStraight: boolean;
  readonly ways: readonly Way[];
}
interface Asked {
  readonly viewer: Viewer;
  readonly door: Door;
  readonly way: Way;
  readonly given: Given;
}

const PAST_THE_GATEWAY = 'straight at a service';
const wayIn = ({ door, way }: Asked): string =>
  door.isStraight && way.kind !== '_entities' ? PAST_THE_GATEWAY : way.kind;

let world: World;
let scene: Scene;
let asked: readonly Asked[];
beforeAll(async () => {
  world = await startWorld();
  scene = await setScene(world);
  const { urls } = world.merit;
  const gateway = { url: `${urls.gateway}/graphql`, schema: buildSchema(file('contracts/staff.graphql')) };
  const services = await Promise.all(
    SERVICES.map(async (name) => ({ url: urls[name], schema: await schemaAt(urls[name]) })),
  );
  const doors = [gateway, ...services].map(
    (door): Door => ({ ...door, isStraight: door !== gateway, ways: waysOf(door.schema, door !== gateway) }),
  );
  asked = await askAll(doors);
}, 300_000);
afterAll(() => world?.stop());

const waysOf = (schema: GraphQLSchema, isStraight: boolean): Way[] =>
  waysInto({
    schema,
    entities,
    deepest: isStraight ? Number.POSITIVE_INFINITY : LIMITS.staff.depth,
    fits: (document) => isStraight || overLimit(measured(schema, document), LIMITS.staff) === null,
    argument: (coordinate, name, last) => argumentIn(scene, coordinate, name, last),
    entity: (type) => entityIn(scene, type),
    isPublic: (coordinate) => rules.get(coordinate)?.to.includes('PUBLIC') ?? false,
  });

function measured(schema: GraphQLSchema, document: string) {
  const [operation] = parse(document, { noLocation: true }).definitions;
  return measure({ schema, operation: operation as OperationDefinitionNode, fragments: new Map(), variables: {} });
}

const schemaAt = async (url: string) =>
  buildClientSchema(
    (await post(url, scene.viewers.find(({ name }) => name === 'system')!, getIntrospectionQuery())).data as never,
  );

/** Asks everything as everyone, a few at a time. */
async function askAll(doors: readonly Door[]): Promise<Asked[]> {
  const waiting = scene.viewers.flatMap((viewer) =>
    doors.flatMap((door) => door.ways.map((way) => ({ viewer, door, way }))),
  );
  const answered: Asked[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      answered.push({ ...next, given: await post(next.door.url, next.viewer, next.way.document) });
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return answered;
}

async function post(url: string, { token }: Viewer, query: string): Promise<Given> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query }),
  });
  const { data = null, errors = [] } = (await response.json()) as Partial<Given>;
  return { data, errors };
}

const remarksOn = ({ viewer, door, way, given }: Asked, ruled = rules): Remark[] =>
  compare(
    { schema: door.schema, rules: ruled, entities, narrower: NARROWER, spoken: SPOKEN, aboutOf: scene.aboutOf },
    { viewer, document: way.document },
    given,
  );

/** What is wrong, a line each. */
const findingsIn = (some: readonly Asked[]): string[] =>
  some.flatMap((one) =>
    remarksOn(one).flatMap(({ coordinate, path, found }) =>
      typeof found === 'string' ? [] : [`${coordinate.padEnd(40)} ${found.wrong}   by ${one.way.name} at ${path}`],
    ),
  );

describe.each([...WAYS_IN, PAST_THE_GATEWAY])('%s', (name) => {
  test.each(VIEWERS)('as %s, every field is shown or denied as its rule says', (viewer) => {
    const mine = asked.filter((one) => one.viewer.name === viewer && wayIn(one) === name);
    expect(mine.length).toBeGreaterThan(0);
    expect(findingsIn(mine)).toEqual([]);
  });
});
