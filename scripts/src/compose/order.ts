/** Whether the services of now answer a gateway that still runs with the supergraph of before. */
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  parse,
  print,
  type TypeNode,
} from 'graphql';

type Place = FieldDefinitionNode | InputValueDefinitionNode;
/** What a service has of a type, from its definition and extensions. */
interface Part {
  readonly keys: Set<string>;
  readonly places: Map<string, Place>;
  readonly values: Set<string>;
}

/**
 * Services are deployed first, the gateway's supergraph after them, so for a while each service is asked by the one of
 * before. A service must therefore go on answering all that the earlier supergraph asks it for, but for what that hides
 * from everyone (`@inaccessible`): so a field leaves the supergraph in one release and the service in the next.
 *
 * @param supergraph of before
 * @param name of the service in it
 * @param sdl of the service now, with what all services share
 * @returns what it would be asked for and does not have, a sentence each
 */
export function noLongerAnswers(supergraph: string, name: string, sdl: string): string[] {
  const earlier = parse(supergraph, { noLocation: true }).definitions;
  const graph = graphNamed(earlier, name);
  if (graph === undefined) return []; // it is new
  const now = partsOf(parse(sdl, { noLocation: true }).definitions);
  return earlier.flatMap((type) => lostOf(type, graph, now)).map((lost) => `[${name}] ${lost}`);
}

const ROOTS: readonly string[] = ['Query', 'Mutation'];
const EMPTY: Part = { keys: new Set(), places: new Map(), values: new Set() };

type Directed = { readonly directives?: readonly ConstDirectiveNode[] | undefined };
const named = (node: Directed, directive: string) =>
  (node.directives ?? []).filter(({ name }) => name.value === directive);
/** An argument of a directive as text, without the quotes of a string. */
const argOf = (directive: ConstDirectiveNode, name: string): string | undefined => {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value && (value.kind === Kind.STRING ? value.value : print(value));
};
const isHidden = (node: Directed) => named(node, 'inaccessible').length > 0;

/** The supergraph's own word for a service: `PERSONNEL`. */
function graphNamed(definitions: readonly DefinitionNode[], name: string): string | undefined {
  const graphs = definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  const values = graphs?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphs.values ?? []) : [];
  return values.find((value) => named(value, 'join__graph').some((each) => argOf(each, 'name') === name))?.name.value;
}

function partsOf(definitions: readonly DefinitionNode[]): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const node of definitions) {
    if (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node)) continue;
    const part = parts.get(node.name.value) ?? { keys: new Set(), places: new Map(), values: new Set() };
    parts.set(node.name.value, part);
    for (const key of named(node, 'key')) part.keys.add(argOf(key, 'fields') ?? '');
    if ('fields' in node) for (const place of node.fields ?? []) part.places.set(place.name.value, place);
    if ('values' in node) for (const { name } of node.values ?? []) part.values.add(name.value);
    if ('types' in node) for (const { name } of node.types ?? []) part.values.add(name.value);
  }
  return parts;
}

/** What the earlier supergraph asks of a service in one of its types, and is not there now. */
function lostOf(type: DefinitionNode, graph: string, now: ReadonlyMap<string, Part>): string[] {
  if (!isTypeDefinitionNode(type)) return [];
  const joins = named(type, 'join__type').filter((join) => argOf(join, 'graph') === graph);
  // Scalars are what their service says they are.
  if (joins.length === 0 || isHidden(type) || type.kind === Kind.SCALAR_TYPE_DEFINITION) return [];
  const name = type.name.value;
  // Every service has a Query, if only for the gateway's own questions.
  const part = now.get(name) ?? (ROOTS.includes(name) ? EMPTY : undefined);
  if (!part) return [`${name} was removed.`];
  const keys = joins
    .filter((join) => argOf(join, 'resolvable') !== 'false')
    .flatMap((join) => argOf(join, 'key') ?? []);
  const lost = keys.filter((key) => !part.keys.has(key)).map((key) => `${name} is no longer found by its ${key}.`);
  if ('fields' in type) {
    for (const field of type.fields ?? []) lost.push(...lostField(name, field, graph, part));
    if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      lost.push(...asksMore(`${name}.`, part.places.values(), type.fields ?? []));
  }
  if ('values' in type) lost.push(...lostValues(name, type.values ?? [], 'join__enumValue', graph, part));
  for (const member of named(type, 'join__unionMember')) {
    const of = argOf(member, 'member') ?? '';
    if (argOf(member, 'graph') === graph && !part.values.has(of)) lost.push(`${name} is no longer a ${of}.`);
  }
  return lost;
}

const lostValues = (
  type: string,
  values: readonly (Directed & { readonly name: { readonly value: string } })[],
  join: string,
  graph: string,
  part: Part,
) =>
  values
    .filter((value) => !isHidden(value) && named(value, join).some((each) => argOf(each, 'graph') === graph))
    .filter(({ name }) => !part.values.has(name.value))
    .map(({ name }) => `${type}.${name.value} was removed.`);

function lostField(type: string, field: Place, graph: string, part: Part): string[] {
  const joins = named(field, 'join__field');
  const join = joins.find((each) => argOf(each, 'graph') === graph);
  // Without a join the field is that of every service that has the type.
  if (isHidden(field) || (joins.length > 0 && !join) || (join && argOf(join, 'external') === 'true')) return [];
  const coordinate = `${type}.${field.name.value}`;
  const found = part.places.get(field.name.value);
  if (!found) return [`${coordinate} was removed.`];
  const before = (join && argOf(join, 'type')) ?? print(field.type);
  const isInput = field.kind === Kind.INPUT_VALUE_DEFINITION;
  const keeps = isInput ? fits(typeIn(before), found.type) : fits(found.type, typeIn(before));
  const lost = keeps ? [] : [`${coordinate} changed from ${before} to ${print(found.type)}.`];
  if (isInput || !('arguments' in found)) return lost;
  const args = new Map(found.arguments?.map((arg) => [arg.name.value, arg]));
  for (const arg of field.arguments ?? []) {
    const place = `${coordinate}(${arg.name.value}:)`;
    const of = args.get(arg.name.value);
    if (!of) lost.push(`${place} was removed.`);
    else if (!fits(arg.type, of.type)) lost.push(`${place} changed from ${print(arg.type)} to ${print(of.type)}.`);
  }
  return [...lost, ...asksMore(`${coordinate}:`, args.values(), field.arguments ?? [])];
}

/** What must be given now and could not be before. */
const asksMore = (at: string, now: Iterable<Place>, before: readonly Place[]): string[] =>
  [...now]
    .filter((place) => place.type.kind === Kind.NON_NULL_TYPE && !('defaultValue' in place && place.defaultValue))
    .filter(({ name }) => !before.some((each) => each.name.value === name.value))
    .map(({ name }) => `${at}${name.value} must be given.`);

function typeIn(text: string): TypeNode {
  const [node] = parse(`input I { f: ${text} }`, { noLocation: true }).definitions;
  return (node as { fields: readonly Place[] }).fields[0]!.type;
}

/** Whether a value of the one type is always one of the other. */
function fits(value: TypeNode, place: TypeNode): boolean {
  if (place.kind === Kind.NON_NULL_TYPE) return value.kind === Kind.NON_NULL_TYPE && fits(value.type, place.type);
  if (value.kind === Kind.NON_NULL_TYPE) return fits(value.type, place);
  if (place.kind === Kind.LIST_TYPE) return value.kind === Kind.LIST_TYPE && fits(value.type, place.type);
  return value.kind === Kind.NAMED_TYPE && value.name.value === place.name.value;
}
