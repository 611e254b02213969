/** Which part of the graph a contract offers: what its audiences can reach, by the `@access` rules alone. */
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  type NameNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  type TypeNode,
} from 'graphql';
import { audiencesOf } from './access.js';

/** A graph as some of those who ask see it. */
export interface Contract {
  readonly name: string;
  /** Whoever is one of these may be served; what is for nobody among them is not in the contract. */
  readonly audiences: readonly string[];
}

/** The contracts beside the staff graph, which is the whole. */
export const CONTRACTS: readonly Contract[] = [
  { name: 'partner', audiences: ['PUBLIC', 'PARTNER'] },
  { name: 'public', audiences: ['PUBLIC'] },
];

const ROOTS: readonly string[] = ['Query', 'Mutation'];

/** The rules at a place, from every subgraph that has it; null stands for one without a rule of its own. */
type Audiences = readonly string[] | null;

interface Input {
  readonly type: string;
  readonly to: Audiences;
}
interface Field extends Input {
  readonly args: ReadonlyMap<string, Input>;
}
interface Type {
  readonly fields: Map<string, Field>;
  readonly inputFields: Map<string, Input>;
  readonly values: Map<string, Audiences>;
  /** Of a union, its members; of an interface, what implements it. */
  readonly members: Set<string>;
}

/**
 * The coordinates that a contract has: `Unit`, `Unit.name`, `Unit.children(first:)`, `RateInput.element`,
 * `Element.WAKTU`. A field is in it when its rule, or its type's, names one of the audiences, and something in the
 * contract leads to its type; with INHERIT the latter is enough. What a field takes narrows it further.
 */
export function reachable(documents: readonly DocumentNode[], { audiences }: Contract): Set<string> {
  const types = indexOf(documents);
  const found = new Set<string>();
  const waiting = [...ROOTS];
  const allows = (to: Audiences) =>
    to === null || to.includes('INHERIT') || to.some((each) => audiences.includes(each));
  const reach = (name: string) => {
    if (!found.has(name)) waiting.push(name);
  };
  const takes = (place: string, { type, to }: Input) => {
    if (!allows(to)) return;
    found.add(place);
    reach(type);
  };
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const type = types.get(name);
    for (const [field, { to, type: result, args }] of type?.fields ?? []) {
      // At the root nothing led here, and a field without a rule is for nobody.
      if (to === null || !allows(to)) continue;
      found.add(`${name}.${field}`);
      reach(result);
      for (const [arg, input] of args) takes(`${name}.${field}(${arg}:)`, input);
    }
    for (const [field, input] of type?.inputFields ?? []) takes(`${name}.${field}`, input);
    for (const [value, to] of type?.values ?? []) if (allows(to)) found.add(`${name}.${value}`);
    for (const member of type?.members ?? []) reach(member);
  }
  return found;
}

/**
 * What would break a contract for its clients, a sentence each: a type that something leads to and of which nothing may
 * be seen, as a field of it would always be empty.
 */
export function deadEnds(documents: readonly DocumentNode[], contract: Contract): string[] {
  const found = reachable(documents, contract);
  const types = indexOf(documents);
  return [...types].flatMap(([name, type]) => {
    const parts = [...type.fields.keys(), ...type.inputFields.keys(), ...type.values.keys()];
    if (
      ROOTS.includes(name) ||
      !found.has(name) ||
      parts.length === 0 ||
      parts.some((part) => found.has(`${name}.${part}`))
    )
      return [];
    const from = [...types].flatMap(([parent, { fields }]) =>
      [...fields]
        .filter(([field, { type: to }]) => to === name && found.has(`${parent}.${field}`))
        .map(([field]) => `${parent}.${field}`),
    );
    return [`${from.join(', ')} leads to ${name} in the ${contract.name} contract, where nothing of it may be seen.`];
  });
}

const INACCESSIBLE: ConstDirectiveNode = {
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: 'federation__inaccessible' },
};

type Markable = { readonly name: NameNode; readonly directives?: readonly ConstDirectiveNode[] | undefined };
type TypeNodeOf = TypeDefinitionNode | TypeExtensionNode;

const marked = <N extends Markable>(node: N): N => ({
  ...node,
  directives: [...(node.directives ?? []), INACCESSIBLE],
});

/** A subgraph with everything marked that is not among these coordinates. */
export function hideAllBut(document: DocumentNode, visible: ReadonlySet<string>): DocumentNode {
  const hide = <N extends Markable>(coordinate: string, node: N): N => (visible.has(coordinate) ? node : marked(node));
  const typed = (type: TypeNodeOf): TypeNodeOf => {
    const name = type.name.value;
    // Roots cannot be hidden as a whole; their fields can. Without any, a root leaves the contract by itself.
    const node = ROOTS.includes(name) ? type : hide(name, type);
    if ('values' in node && node.values)
      return { ...node, values: node.values.map((value) => hide(`${name}.${value.name.value}`, value)) };
    if (!('fields' in node) || !node.fields) return node;
    const fields = node.fields.map((field: FieldDefinitionNode | InputValueDefinitionNode) => {
      const coordinate = `${name}.${field.name.value}`;
      if (!('arguments' in field)) return hide(coordinate, field);
      const args = field.arguments?.map((arg) => hide(`${coordinate}(${arg.name.value}:)`, arg));
      return hide(coordinate, { ...field, arguments: args });
    });
    return { ...node, fields } as TypeNodeOf;
  };
  return { ...document, definitions: document.definitions.map((node) => (isType(node) ? typed(node) : node)) };
}

const isType = (node: DefinitionNode): node is TypeNodeOf => isTypeDefinitionNode(node) || isTypeExtensionNode(node);

/** The types of all subgraphs as one. Where several have a place, their rules are equal: composition has seen to it. */
function indexOf(documents: readonly DocumentNode[]): Map<string, Type> {
  const types = new Map<string, Type>();
  const typeOf = (name: string): Type => {
    const type = types.get(name) ?? {
      fields: new Map(),
      inputFields: new Map(),
      values: new Map(),
      members: new Set(),
    };
    types.set(name, type);
    return type;
  };
  for (const node of documents.flatMap(({ definitions }) => definitions).filter(isType)) {
    const type = typeOf(node.name.value);
    switch (node.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        for (const above of node.interfaces ?? []) typeOf(above.name.value).members.add(node.name.value);
        for (const field of node.fields ?? []) {
          const args = (field.arguments ?? []).map((arg): [string, Input] => [
            arg.name.value,
            { type: nameOf(arg.type), to: audiencesOf(arg) },
          ]);
          const to = audiencesOf(field) ?? audiencesOf(node);
          type.fields.set(field.name.value, { type: nameOf(field.type), to, args: new Map(args) });
        }
        break;
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      case Kind.INPUT_OBJECT_TYPE_EXTENSION:
        for (const field of node.fields ?? [])
          type.inputFields.set(field.name.value, { type: nameOf(field.type), to: audiencesOf(field) });
        break;
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_EXTENSION:
        for (const value of node.values ?? []) type.values.set(value.name.value, audiencesOf(value));
        break;
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.UNION_TYPE_EXTENSION:
        for (const member of node.types ?? []) type.members.add(member.name.value);
        break;
      default:
    }
  }
  return types;
}

const nameOf = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type));
