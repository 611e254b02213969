/** Who may see what, proven: every field, as everyone, by every way in, against the rule that stands at the field. */
import { readFileSync } from 'node:fs';
import {
  buildClientSchema,
  buildSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  isObjectType,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { SERVICES } from '../../scripts/src/start.plan.js';
import { LIMITS, type Limits, overLimit } from '../src/limits.js';
import { measure } from '../src/measure.js';
import { eventually } from './eventually.js';
import { compare, type Expectation, type Given, type Remark } from './matrix.compare.js';
import { SECRETS, whyNotPublic } from './matrix.oracle.js';
import { againLater, dismiss, readsShownTo, unjudged } from './matrix.repeat.js';
import { allows, type Rules, readRules, type Viewer } from './matrix.rules.js';
import {
  argumentIn,
  entityIn,
  NARROWER,
  PARTNERS,
  quiet,
  type Scene,
  SPOKEN,
  setScene,
  UNSEEN,
  VIEWERS,
} from './matrix.scene.js';
import { STORY } from './matrix.story.js';
import { type Ask, type Asks, leastOf, type Told, tell } from './matrix.tell.js';
import { entitiesOf, type Start, WAYS_IN, type Way, waysInto } from './matrix.ways.js';
import { startWorld, type World } from './world.js';

const file = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const rules = readRules(file('contracts/access.txt'));
const contract = (name: string) => buildSchema(file(`contracts/${name}.graphql`));
const staff = contract('staff');
const entities = entitiesOf(file('supergraph.graphql'));

/** A graph that can be asked: the gateway's, or a service's own, past the gateway. */
interface Place {
  readonly url: string;
  readonly schema: GraphQLSchema;
}
interface Door extends Place {
  readonly viewers: readonly string[];
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
let told: readonly Told[];
let asked: readonly Asked[];
/** Every mutation again with its key: by who did it, and by the same once their roles are gone. */
let repeated: readonly Told[];
let dismissed: readonly Told[];
let shownOfEmployee: readonly string[];
beforeAll(async () => {
  world = await startWorld();
  scene = await setScene(world);
  const { urls } = world.merit;
  const gateway = { url: `${urls.gateway}/graphql`, schema: staff, viewers: VIEWERS };
  const contracts = [
    { url: `${urls.gateway}/public/graphql`, schema: contract('public'), viewers: ['public'] },
    { url: `${urls.gateway}/partner/graphql`, schema: contract('partner'), viewers: PARTNERS },
  ];
  const services = SERVICES.map(async (name) => ({
    url: urls[name],
    schema: await schemaAt(urls[name]),
    viewers: VIEWERS,
  }));
  const straight = await Promise.all(services);
  told = await tellAll(gateway, straight);
  const ask: Ask = (viewer, document, variables) => post(gateway.url, viewer, document, variables);
  repeated = await againLater(told, scene.viewers, ask);
  await quiet(world);
  shownOfEmployee = await readsShownTo(world, 'employee', scene.ids);
  const doors = [gateway, ...contracts, ...straight].map((door): Door => {
    const isStraight = straight.some(({ url }) => url === door.url);
    const limits = door.url.includes('/public/') ? LIMITS.public : LIMITS.staff;
    return { ...door, isStraight, ways: waysInto(startAt(door.schema, isStraight ? null : limits)) };
  });
  asked = await askAll(doors);
  await dismiss(world, scene);
  dismissed = await againLater(told, scene.dismissed, ask);
}, 900_000);
afterAll(() => world?.stop());

const startAt = (schema: GraphQLSchema, limits: Limits | null): Start => ({
  schema,
  entities,
  deepest: limits?.depth ?? Number.POSITIVE_INFINITY,
  fits: (document) => limits === null || overLimit(measured(schema, document), limits) === null,
  argument: (coordinate, name, last) => argumentIn(scene, coordinate, name, last),
  entity: (type) => entityIn(scene, type),
  isPublic: (coordinate) => rules.get(coordinate)?.to.includes('PUBLIC') ?? false,
});

/** Lets everything happen, and tries every mutation as everyone whom its own rule refuses. */
async function tellAll({ url, schema }: Place, services: readonly Place[]): Promise<Told[]> {
  const start = startAt(schema, LIMITS.staff);
  const has = (mutation: string) => (service: Place) =>
    service.schema.getMutationType()?.getFields()[mutation] !== undefined;
  const at =
    (place: Place): Ask =>
    (viewer, document, variables) =>
      post(place.url, viewer, document, variables);
  const asks: Asks = { gateway: at({ url, schema }), straight: (mutation) => at(services.find(has(mutation))!) };
  const all: Told[] = [];
  for (const step of STORY) all.push(...(await tell(step, scene.ids, start, scene.viewers, asks)));
  for (const mutation of Object.keys(schema.getMutationType()!.getFields())) {
    const rule = rules.get(`Mutation.${mutation}`);
    const { document, variables } = leastOf(start, mutation);
    const refused = scene.viewers.filter((viewer) => rule && !allows(rule, viewer, {}));
    const tried = refused.map(async (viewer) => ({ viewer, given: await asks.gateway(viewer, document, variables) }));
    const made = { mutation, document, variables, about: {}, may: false, isHidden: false };
    all.push(...(await Promise.all(tried)).map((one) => ({ ...made, ...one })));
  }
  return all;
}

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
  const waiting = doors.flatMap((door) =>
    scene.viewers
      .filter(({ name }) => door.viewers.includes(name))
      .flatMap((viewer) => door.ways.map((way) => ({ viewer, door, way }))),
  );
  const answered: Asked[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      answered.push({ ...next, given: await patiently(() => post(next!.door.url, next!.viewer, next!.way.document)) });
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return answered;
}

/** What a slow machine may say, and a busy one: it says nothing of who may see what. */
const PASSING = /^(TIMEOUT|OVERLOADED|BUSY|SERVICE_UNAVAILABLE|DIRECTORY_STALE|RATE_LIMITED)$/;

const patiently = (ask: () => Promise<Given>): Promise<Given> =>
  eventually(async () => {
    const given = await ask();
    return !given.errors.some(({ extensions }) => PASSING.test(extensions?.code ?? '')) && given;
  }, 120_000);

async function post(url: string, { token }: Viewer, query: string, variables: object = {}): Promise<Given> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  const { data = null, errors = [] } = (await response.json()) as Partial<Given>;
  return { data, errors };
}

const expecting = (schema: GraphQLSchema, ruled: Rules): Expectation => ({
  ...{ schema, rules: ruled, entities, narrower: NARROWER, spoken: SPOKEN },
  aboutOf: (type, id) => scene.aboutOf(type, id),
});

const remarksOn = ({ viewer, door, way, given }: Asked, ruled: Rules = rules): Remark[] =>
  compare(expecting(door.schema, ruled), { viewer, document: way.document }, given);

/** What is wrong, a line each. */
const sentences = (remarks: readonly Remark[], way = ''): string[] =>
  remarks.flatMap(({ coordinate, path, found }) =>
    typeof found === 'string' ? [] : [`${coordinate.padEnd(40)} ${found.wrong}   ${way} at ${path}`],
  );

describe.each([...WAYS_IN, PAST_THE_GATEWAY])('%s', (name) => {
  test.each(VIEWERS)('as %s, every field is shown or denied as its rule says', (viewer) => {
    const mine = asked.filter((one) => one.viewer.name === viewer && wayIn(one) === name);
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.flatMap((one) => sentences(remarksOn(one), `by ${one.way.name}`))).toEqual([]);
  });
});

test.each(VIEWERS)('as %s, nothing is had straight at a service that the gateway withholds', (viewer) => {
  const mine = asked.filter((one) => one.viewer.name === viewer);
  const shown = (isStraight: boolean, ...as: Remark['found'][]) =>
    mine
      .filter(({ door }) => door.isStraight === isStraight)
      .flatMap((one) => remarksOn(one).flatMap(({ coordinate, found }) => (as.includes(found) ? [coordinate] : [])));
  const had = new Set(shown(false, 'SHOWN', 'EMPTY'));
  // What is judged where it led from is had as that is; whether there is any may have changed meanwhile.
  const isJudged = (coordinate: string) => !rules.get(coordinate)?.to.includes('INHERIT');
  const more = [...new Set(shown(true, 'SHOWN'))].filter((coordinate) => isJudged(coordinate) && !had.has(coordinate));
  expect(more).toEqual([]);
});

describe('mutation payload', () => {
  test('every mutation is in the story', () => {
    const mutations = Object.keys(staff.getMutationType()!.getFields());
    const missing = mutations.filter((name) => !STORY.some(({ mutation }) => mutation === name));
    expect(missing.filter((name) => !rules.get(`Mutation.${name}`)?.to.includes('ADMIN'))).toEqual([]);
  });

  test.each(VIEWERS)('as %s, what may not be done is refused, and what was done shows what its rule says', (name) => {
    const mine = told.filter(({ viewer }) => viewer.name === name);
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.flatMap(wrongIn)).toEqual([]);
  });
});

describe('a mutation’s key, repeated', () => {
  test('shows what its rule says to who may still see it', () => {
    expect(repeated.map(({ mutation }) => mutation)).toEqual(STORY.map(({ mutation }) => mutation));
    expect(repeated.flatMap(wrongIn)).toEqual([]);
  });

  test('is written down like the first time, for the person to read', () => {
    const entries = (type: string) => shownOfEmployee.filter((each) => each === type).length;
    expect(entries('AvailabilityPayload')).toBeGreaterThanOrEqual(2);
    expect(entries('EnrolmentPayload')).toBeGreaterThanOrEqual(8);
  });

  test('shows nothing of the thing to who has lost the right to it', () => {
    expect(dismissed.length).toBeGreaterThan(40);
    expect(
      dismissed.flatMap((one) => (isDone(one) ? sentences(remarksOf(one)) : wrongIn({ ...one, may: false }))),
    ).toEqual([]);
    const seen = dismissed.flatMap((one) => unjudged(remarksOf(one), rules));
    // Of an import it is told again how many of the caller's own rows went in, and what was wrong with which.
    expect(seen.filter((each) => !/^Import(Payload|Problem)\./.test(each))).toEqual([]);
  });
});

const isDone = ({ mutation, given }: Told): boolean => given.data?.[mutation] != null;

const remarksOf = ({ viewer, document, about, may, given }: Told): Remark[] =>
  may ? compare(expecting(staff, rules), { viewer, document, about }, given) : [];

/** What is wrong with a mutation's answer, a line each. */
function wrongIn(one: Told): string[] {
  const { viewer, mutation, about, may, isHidden, given } = one;
  if (may) return isDone(one) ? sentences(remarksOf(one)) : [`${mutation} failed: ${JSON.stringify(given.errors)}`];
  const codes = given.errors.map(({ extensions }) => extensions?.code);
  // To oneself the rule says it in its own words; and what one may not know of is not there.
  const isRefusal = (code = '') =>
    (isHidden ? /_NOT_FOUND$/.test(code) : code === 'FORBIDDEN') || (code === 'OWN_RECORD' && viewer.is('SELF', about));
  const isRefused = !isDone(one) && codes.length > 0 && codes.every(isRefusal);
  return isRefused ? [] : [`${mutation.padEnd(40)} is answered ${codes.join() || 'well'}`];
}

describe('what the law says, beside the annotations', () => {
  test('nothing that the public was shown, or may be, is about a person', () => {
    const shown = asked.filter(({ viewer }) => viewer.token === null).flatMap((one) => remarksOn(one));
    const coordinates = new Set(shown.flatMap(({ coordinate, found }) => (found === 'SHOWN' ? [coordinate] : [])));
    expect(coordinates.size).toBeGreaterThan(80);
    const offered = file('contracts/public.txt').split('\n');
    for (const each of offered)
      if (/^\w+\.\w+$/.test(each) && staff.getType(each.split('.')[0]!)) coordinates.add(each);
    const outputs = [...coordinates].filter((each) => isObjectType(staff.getType(each.split('.')[0]!)));
    expect(outputs.flatMap((each) => whyNotPublic(each) ?? [])).toEqual([]);
  });

  test.each(SECRETS)('$what: nobody but those who may ever reads it', ({ text, readers }) => {
    const readBy = asked.filter(({ given }) => JSON.stringify(given).includes(text)).map(({ viewer }) => viewer.name);
    expect([...new Set(readBy)].sort()).toEqual([...readers].sort());
  });
});

describe('the matrix itself', () => {
  test('has seen a value of every field', () => {
    const seen = new Set([...asked.flatMap((one) => remarksOn(one)), ...told.flatMap(remarksOf)].flatMap(shownAt));
    const unseen = fieldsOf(staff).filter((each) => !seen.has(each));
    const listed = (each: string) => each in UNSEEN || each.split('.')[0]! in UNSEEN;
    expect(unseen.filter((each) => !listed(each))).toEqual([]);
  });

  test('would notice any rule that said otherwise', () => {
    const at = { shown: new Map<string, Asked[]>(), withheld: new Map<string, Asked[]>() };
    for (const one of asked) {
      const remarks = new Map(remarksOn(one).map((remark) => [`${remark.coordinate} ${remark.found}`, remark]));
      for (const { coordinate, found } of remarks.values()) {
        const place = found === 'WITHHELD' ? at.withheld : at.shown;
        const some = place.get(coordinate) ?? [];
        // A few answers to each viewer tell as much as all.
        if (some.filter(({ viewer }) => viewer === one.viewer).length < 3) place.set(coordinate, [...some, one]);
      }
    }
    const unnoticed = [...rules].flatMap(([coordinate, rule]) => {
      const isKey = coordinate.endsWith('.id') && entities.has(coordinate.split('.')[0]!);
      const shown = at.shown.get(coordinate) ?? [];
      if (shown.length === 0 || isKey || rule.to.includes('INHERIT')) return [];
      const isNoticed = (to: readonly string[], some: readonly Asked[]) => {
        const ruled = new Map(rules).set(coordinate, { ...rule, to });
        return some.some((one) => remarksOn(one, ruled).some(({ found }) => typeof found !== 'string'));
      };
      const narrower = rule.to.map((audience) => rule.to.filter((each) => each !== audience));
      const missed = narrower.filter((to) => !isNoticed(to, shown));
      // Where nobody comes to the field whom it would refuse, something above it refuses them all.
      const withheld = at.withheld.get(coordinate) ?? [];
      const mayBeWider = withheld.length === 0 && rule.by.length === 0;
      if (!mayBeWider && !rule.to.includes('PUBLIC') && !isNoticed(['PUBLIC'], withheld)) missed.push(['PUBLIC']);
      return missed.map((to) => `${coordinate} — ${to}`);
    });
    expect(at.withheld.size).toBeGreaterThan(50);
    expect(unnoticed).toEqual([]);
  });

  test('finds a field without a rule', () => {
    const ruled = new Map(rules);
    ruled.delete('Unit.name');
    const found = asked.flatMap((one) => (one.way.name === 'Query.unit' ? remarksOn(one, ruled) : []));
    expect(found).toContainEqual({ coordinate: 'Unit.name', path: 'unit.name', found: { wrong: 'has no rule' } });
  });
});

const shownAt = ({ coordinate, found }: Remark): string[] => (found === 'SHOWN' ? [coordinate] : []);

/** Every field of every object of the graph, but for the mutations themselves. */
const fieldsOf = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap())
    .flatMap((type) =>
      isObjectType(type) && !type.name.startsWith('__') && type !== schema.getMutationType()
        ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
        : [],
    )
    .sort();
