/** The ways to every field of a schema: an operation each, written from the schema alone. */
import {
  type ConstDirectiveNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  Kind,
  parse,
} from 'graphql';

export const WAYS_IN = [
  'root query',
  'connection',
  'nested from a public object',
  'entity reference',
  '_entities',
] as const;
export type WayIn = (typeof WAYS_IN)[number];

export interface Way {
  readonly kind: WayIn;
  /** The fields that lead there: `Query.employee PerformancePlan.agreedBy`. */
  readonly name: string;
  readonly document: string;
}

export interface Start {
  readonly schema: GraphQLSchema;
  /** The types of the whole graph that have a key. */
  readonly entities: ReadonlySet<string>;
  /**
   * A value for an argument as GraphQL writes it, by `Query.employee(id:)` or `first`; null where it is better left out.
   * The way's last field chooses between several: the unit that was merged, for what it was merged into.
   */
  readonly argument: (coordinate: string, name: string, last: string) => string | null;
  /** An id of an entity of this type. */
  readonly entity: (type: string) => string;
  /** How deep fields may be nested; `edges` and `node` are one step with their connection. */
  readonly deepest: number;
  /** Whether the graph would take the operation. */
  readonly fits: (document: string) => boolean;
  readonly isPublic: (coordinate: string) => boolean;
}

type Field = GraphQLField<unknown, unknown>;
/** A field on the way from the root. */
interface Step {
  readonly type: GraphQLObjectType;
  readonly field: Field;
}

/** Every way into the schema: each root field, each field that leads to an entity, and each entity by itself. */
export function waysInto(start: Start): Way[] {
  const roots = stepsOf(start.schema.getQueryType()!).filter(({ field }) => !field.name.startsWith('_'));
  const found = new Map<string, readonly Step[]>();
  const waiting = roots.map((step) => [step]);
  const ways: Way[] = [];
  for (let path = waiting.shift(); path; path = waiting.shift()) {
    const last = path.at(-1)!;
    const target = getNamedType(last.field.type);
    const leadsToEntity = start.entities.has(nodeOf(target).name) && !isWrapper(last);
    if (path.length === 1 || leadsToEntity) ways.push(...waysOf(start, path));
    if (!isObjectType(target) || found.has(target.name)) continue;
    found.set(target.name, path);
    for (const step of stepsOf(target)) if (isObjectType(getNamedType(step.field.type))) waiting.push([...path, step]);
  }
  const union = start.schema.getType('_Entity');
  const asked = isUnionType(union) ? union.getTypes() : [];
  return [...ways, ...asked.map((type) => entityWay(start, type))];
}

/** The operations that a way takes: one, or as many as the graph's limits make of it. */
function waysOf(start: Start, path: readonly Step[]): Way[] {
  const target = getNamedType(path.at(-1)!.field.type);
  const name = coordinateOf(path.at(-1)!);
  const kind = kindOf(start, path);
  const depth = path.filter((step) => !isWrapper(step)).length;
  const write: Write = (only, deepest) => {
    const wanted = { ...start, last: name, only, deepest };
    const selection = isObjectType(target) ? selectionOf(wanted, target, [], depth) : '';
    const document = path.reduceRight((inner, step, n) => {
      const id = n > 0 && 'id' in step.type.getFields() ? 'id ' : '';
      return `{ ${id}${called(start, step, name)} ${inner} }`;
    }, selection);
    return `query ${document}`;
  };
  const listed = nodeOf(target);
  const fields = isObjectType(listed) ? Object.keys(listed.getFields()) : [];
  const from = path.length === 1 ? '' : `${coordinateOf(path[0]!)} … `;
  return partsOf(fields, write, start).map((document) => ({ kind, name: from + name, document }));
}

type Write = (only: readonly string[], deepest: number) => string;

/** A document of all the fields, or of halves of them until each fits; one that does not is asked less deeply. */
function partsOf(
  fields: readonly string[],
  write: Write,
  { fits, deepest }: Pick<Start, 'fits' | 'deepest'>,
): string[] {
  const document = write(fields, deepest);
  if (fits(document)) return [document];
  if (fields.length < 2) return partsOf(fields, write, { fits, deepest: deepest - 1 });
  const half = Math.ceil(fields.length / 2);
  return [fields.slice(0, half), fields.slice(half)].flatMap((some) => partsOf(some, write, { fits, deepest }));
}

function kindOf({ isPublic }: Start, path: readonly Step[]): WayIn {
  if (/Connection$/.test(getNamedType(path.at(-1)!.field.type).name)) return 'connection';
  if (path.length === 1) return 'root query';
  return isPublic(coordinateOf(path[0]!)) ? 'nested from a public object' : 'entity reference';
}

function entityWay(start: Start, type: GraphQLObjectType): Way {
  const representation = `{ __typename: "${type.name}", id: "${start.entity(type.name)}" }`;
  const selection = selectionOf({ ...start, last: type.name, only: null }, type, [], 1);
  const document = `query { _entities(representations: [${representation}]) { ... on ${type.name} ${selection} } }`;
  return { kind: '_entities', name: type.name, document };
}

/** What is selected of the way's target. */
type Target = Start & {
  /** The way's last field. */
  readonly last: string;
  /** Of the target itself, only these fields. */
  readonly only: readonly string[] | null;
};

/** A document of all of an object, asked as deeply as fits. `write` puts the selection into it. */
export function selectionWithin(start: Start, type: GraphQLObjectType, write: (selection: string) => string): string {
  const document = write(selectionOf({ ...start, last: type.name, only: null }, type, [], 1));
  return start.fits(document) ? document : selectionWithin({ ...start, deepest: start.deepest - 1 }, type, write);
}

/**
 * Everything of an object: its own values and those of what it consists of, as deep as may be asked. An entity within
 * it is only named, for it has ways of its own, and so is a type within itself.
 */
function selectionOf(target: Target, type: GraphQLObjectType, above: readonly string[], depth: number): string {
  const trail = [...above, type.name];
  // What a connection or a payload at the end of the way holds is what the way is for.
  const isHolder = trail.every((name) => HOLDER.test(name));
  const isTarget = !isHolder && above.every((name) => HOLDER.test(name));
  const parts = stepsOf(type).flatMap((step): string[] => {
    const { name, type: fieldType } = step.field;
    if (isTarget && name !== 'id' && target.only?.includes(name) === false) return [];
    const of = getNamedType(fieldType);
    const call = called(target, step, target.last);
    if (!isObjectType(of)) return [call];
    const below = depth + (isWrapper(step) ? 0 : 1);
    if (below >= target.deepest) return [];
    const isNamedOnly = trail.includes(of.name) || (target.entities.has(of.name) && !isHolder);
    return [`${call} ${isNamedOnly ? namesOf(of) : selectionOf(target, of, trail, below)}`];
  });
  return `{ ${parts.join(' ') || '__typename'} }`;
}

const HOLDER = /(Connection|Edge|Payload)$/;

/** As little of an object as can be asked for: its id, or else what needs neither arguments nor a selection. */
function namesOf(type: GraphQLObjectType): string {
  const fields = Object.values(type.getFields());
  const plain = fields.filter((field) => !isObjectType(getNamedType(field.type)) && field.args.length === 0);
  return `{ ${'id' in type.getFields() ? 'id' : plain.map(({ name }) => name).join(' ') || '__typename'} }`;
}

function called(start: Start, step: Step, last: string): string {
  const args = step.field.args.flatMap((arg) => argumentOf(start, step, arg, last));
  return args.length > 0 ? `${step.field.name}(${args.join(', ')})` : step.field.name;
}

function argumentOf(start: Start, step: Step, arg: GraphQLArgument, last: string): string[] {
  const value = start.argument(coordinateOf(step), arg.name, last);
  if (value !== null) return [`${arg.name}: ${value}`];
  if (!isRequiredArgument(arg)) return [];
  throw new Error(`Say in matrix.scene.ts with which ${arg.name} ${coordinateOf(step)} is asked.`);
}

const coordinateOf = ({ type, field }: Step): string => `${type.name}.${field.name}`;

const stepsOf = (type: GraphQLObjectType): Step[] =>
  Object.values(type.getFields()).map((field) => ({ type, field: field as Field }));

/** `edges` of a connection and `node` of an edge: one step with the connection. */
const isWrapper = ({ type, field }: Step): boolean =>
  (/Connection$/.test(type.name) && field.name === 'edges') || (/Edge$/.test(type.name) && field.name === 'node');

/** What a connection lists; other types are themselves. */
function nodeOf(type: GraphQLNamedType): GraphQLNamedType {
  if (!isObjectType(type) || !/Connection$/.test(type.name)) return type;
  const edge = getNamedType(type.getFields()['edges']!.type) as GraphQLObjectType;
  return getNamedType(edge.getFields()['node']!.type);
}

/** The types of the supergraph that have a key, which is always their id. */
export function entitiesOf(supergraph: string): Set<string> {
  const types = parse(supergraph, { noLocation: true }).definitions.filter(
    (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION,
  );
  const isKeyed = (node: ConstDirectiveNode) => node.arguments?.some(({ name }) => name.value === 'key') ?? false;
  return new Set(types.filter(({ directives }) => directives?.some(isKeyed)).map(({ name }) => name.value));
}
