/** An answer against what `@access` promises: every field in it, shown or withheld, with the reason it should be. */
import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { type About, allows, type Rule, type Rules, type Viewer } from './matrix.rules.js';

type Path = readonly (string | number)[];
export interface AnswerError {
  readonly message: string;
  readonly path?: Path;
  readonly extensions?: { readonly code?: string };
}
export interface Given {
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly AnswerError[];
}

/** What the comparison knows beside the answer. */
export interface Expectation {
  readonly schema: GraphQLSchema;
  readonly rules: Rules;
  /** The types whose `id` is a key: it may be seen by whoever may see any field of the type. */
  readonly entities: ReadonlySet<string>;
  /** What a resolver withholds though the rule would allow it: coordinate → the rule in truth; withheld is null. */
  readonly narrower: Rules;
  /** What is said where there is nothing to show: coordinate → code. */
  readonly spoken: ReadonlyMap<string, string>;
  /** What the object with this id is about; null for one that is about what led to it. */
  readonly aboutOf: (type: string, id: string) => About | null;
}

/** A field at which the answer is not what it should be, or how it was right. */
export interface Remark {
  readonly coordinate: string;
  readonly path: string;
  /** SHOWN: a value that may be seen; EMPTY: null that may be seen; WITHHELD: null and FORBIDDEN; else what is wrong. */
  readonly found: 'SHOWN' | 'EMPTY' | 'WITHHELD' | { readonly wrong: string };
}

/** A remark on every field that the document asks for and the answer has or refuses. */
export function compare(
  { schema, rules, entities, narrower, spoken, aboutOf }: Expectation,
  { viewer, document, about = {} }: { viewer: Viewer; document: string; about?: About },
  { data, errors }: Given,
): Remark[] {
  const remarks: Remark[] = [];
  const explained = new Set<AnswerError>();
  const at = new Map<string, AnswerError[]>();
  for (const error of errors) {
    const place = error.path?.join('.') ?? '';
    at.set(place, [...(at.get(place) ?? []), error]);
  }

  const rulesOf = (type: GraphQLObjectType, name: string): Rule[] => {
    const keyed = name === 'id' && entities.has(type.name);
    const names = keyed ? Object.keys(type.getFields()) : [name];
    return names.flatMap((each) => rules.get(`${type.name}.${each}`) ?? []);
  };

  const field = (type: GraphQLObjectType, node: FieldNode, value: unknown, path: Path, about: About): void => {
    const name = node.name.value;
    const coordinate = `${type.name}.${name}`;
    const used = (node.arguments ?? []).flatMap((given) => {
      const own = `${coordinate}(${given.name.value}:)`;
      const rule = rules.get(own);
      return rule ? [{ own, rule }] : [];
    });
    const say = (found: Remark['found']) => {
      for (const each of [coordinate, ...used.map(({ own }) => own)]) {
        remarks.push({ coordinate: each, path: path.join('.'), found });
      }
    };
    const found = rulesOf(type, name);
    if (found.length === 0) return void say({ wrong: 'has no rule' });
    const target = getNamedType(type.getFields()[name]!.type).name;
    const here = { ...about, ...aboutArguments(node, (id) => aboutOf(target, id)) };
    // Whoever uses an argument with a rule of its own must satisfy it, too.
    const allowed =
      found.some((rule) => allows(rule, viewer, here)) && used.every(({ rule }) => allows(rule, viewer, here));
    const narrowed = narrower.get(coordinate);
    const expected = !narrowed || allows(narrowed, viewer, here);
    const own = at.get(path.join('.')) ?? [];
    for (const error of own) explained.add(error);
    if (value != null) {
      say(allowed && expected ? 'SHOWN' : { wrong: `shows ${JSON.stringify(value).slice(0, 80)}` });
      within(type.getFields()[name]!.type, node.selectionSet, value, path, here);
      return;
    }
    const codes = own.map(({ extensions }) => extensions?.code);
    if (!allowed) {
      const refused = codes.length > 0 && codes.every((code) => code === 'FORBIDDEN');
      return void say(refused ? 'WITHHELD' : { wrong: `is denied with ${codes.join() || 'nothing said'}` });
    }
    const said = spoken.get(coordinate);
    if (codes.length > 0)
      return void say(
        said && codes.every((code) => code === said) ? 'EMPTY' : { wrong: `is refused with ${codes.join()}` },
      );
    if (narrowed) return void say(expected ? { wrong: 'is null' } : 'WITHHELD');
    const below = errors.filter((error) => isBelow(error, path));
    for (const error of below) deeper(getNamedType(type.getFields()[name]!.type), node.selectionSet, error, path, here);
    say('EMPTY');
  };

  /** A denied field that cannot be null has taken those above with it. */
  const deeper = (
    type: unknown,
    selected: SelectionSetNode | undefined,
    error: AnswerError,
    path: Path,
    about: About,
  ): void => {
    explained.add(error);
    const rest = error.path!.slice(path.length).filter((step) => typeof step === 'string');
    let [parent, set] = [type, selected];
    for (const [n, name] of rest.entries()) {
      const next = set && fieldsOf(set).find((each) => each.name.value === name);
      if (!next || !isObjectType(parent)) return;
      if (n === rest.length - 1) {
        const allowed = rulesOf(parent, name).some((rule) => allows(rule, viewer, about));
        const refused = !allowed && error.extensions?.code === 'FORBIDDEN';
        remarks.push({
          coordinate: `${parent.name}.${name}`,
          path: error.path!.join('.'),
          found: refused ? 'WITHHELD' : { wrong: `is refused with ${error.extensions?.code}` },
        });
      }
      [parent, set] = [getNamedType(parent.getFields()[name]!.type), next.selectionSet];
    }
  };

  const within = (type: unknown, set: SelectionSetNode | undefined, value: unknown, path: Path, about: About): void => {
    if (Array.isArray(value)) {
      for (const [n, item] of value.entries()) {
        const at = [...path, n];
        if (item !== null) within(type, set, item, at, about);
        else
          for (const error of errors)
            if (isBelow(error, at)) deeper(getNamedType(type as never), set, error, at, about);
      }
      return;
    }
    const named = getNamedType(type as never);
    if (!set || value === null) return;
    const object = value as Record<string, unknown>;
    const parent = isObjectType(named) ? named : (schema.getType(String(object['__typename'])) as GraphQLObjectType);
    const id = object['id'];
    const here = (typeof id === 'string' && aboutOf(parent.name, id)) || about;
    for (const node of fieldsOf(set)) {
      const name = node.name.value;
      if (name !== '__typename') field(parent, node, object[name], [...path, name], here);
    }
  };

  const operation = operationOf(document);
  const root = schema.getRootType(operation.operation)!;
  for (const node of fieldsOf(operation.selectionSet)) {
    const name = node.name.value;
    const entities = name === '_entities' ? ((data?.[name] ?? []) as unknown[]) : null;
    if (!entities) field(root, node, data?.[name], [name], about);
    else for (const [n, entity] of entities.entries()) entityOf(node, entity, [name, n]);
  }
  for (const error of errors) {
    if (explained.has(error)) continue;
    const path = (error.path ?? []).join('.');
    remarks.push({ coordinate: '', path, found: { wrong: `${error.extensions?.code}: ${error.message}` } });
  }
  return remarks;

  /** An entity asked for by its key: nothing led to it. */
  function entityOf(node: FieldNode, entity: unknown, path: Path): void {
    const [fragment] = node.selectionSet!.selections;
    if (fragment?.kind !== Kind.INLINE_FRAGMENT) throw new Error('Entities are asked for by their type.');
    const type = schema.getType(fragment.typeCondition!.name.value) as GraphQLObjectType;
    within(type, fragment.selectionSet, [entity], path.slice(0, -1), {});
  }
}

/** The ids among a field's arguments, by which it may be judged. */
function aboutArguments({ arguments: given = [] }: FieldNode, of: (id: string) => About | null): About {
  const found = given.map(({ name, value }): About | null => {
    if (value.kind !== Kind.STRING) return null;
    if (name.value === 'unitId') return { unit: value.value };
    if (name.value === 'agencyId') return { agency: value.value };
    return name.value === 'id' ? of(value.value) : null;
  });
  return Object.assign({}, ...found);
}

const fieldsOf = (set: SelectionSetNode): FieldNode[] =>
  set.selections.filter((node): node is FieldNode => node.kind === Kind.FIELD);

const isBelow = (error: AnswerError, path: Path) => error.path?.join('.').startsWith(`${path.join('.')}.`) ?? false;

const operations = new Map<string, OperationDefinitionNode>();

/** Parsed once: the same is asked as everyone. */
function operationOf(document: string): OperationDefinitionNode {
  const known = operations.get(document);
  if (known) return known;
  const [operation] = parse(document, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('A way is one operation.');
  operations.set(document, operation);
  return operation;
}
