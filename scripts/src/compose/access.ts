import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  print,
  visit,
} from 'graphql';

/**
 * The subgraph without `@access`, its definition and the enum `Audience`. They are the services' own: carried
 * through composition they would double at shared coordinates and the enum would leak into the API schema.
 */
export function withoutAccess(document: DocumentNode): DocumentNode {
  return visit(document, {
    Directive: (node) => (node.name.value === 'access' ? null : undefined),
    DirectiveDefinition: (node) => (node.name.value === 'access' ? null : undefined),
    EnumTypeDefinition: (node) => (node.name.value === 'Audience' ? null : undefined),
  });
}

type Annotated = { readonly directives?: readonly ConstDirectiveNode[] | undefined };

/** The audiences of the rule at a node; null where it has none of its own. */
export function audiencesOf(node: Annotated): string[] | null {
  const access = node.directives?.find((directive) => directive.name.value === 'access');
  const audiences = access?.arguments?.find(({ name }) => name.value === 'to')?.value;
  if (!access) return null;
  return audiences?.kind === Kind.LIST ? audiences.values.map(print).sort() : [];
}

/** A rule in one spelling: `ADMIN, HR; agency: id`. The order of audiences says nothing, so they are sorted. */
function ruleOf(node: Annotated): string | null {
  const audiences = audiencesOf(node);
  if (!audiences) return null;
  const access = node.directives?.find((directive) => directive.name.value === 'access');
  const about = (access?.arguments ?? []).filter(({ name }) => name.value !== 'to').map(print);
  return [audiences.join(', '), ...about.sort()].join('; ');
}

const isExternal = (node: Annotated) => node.directives?.some(({ name }) => name.value === 'external') ?? false;

/** The rule of each coordinate that a subgraph resolves: the field's own, else its type's. */
export function accessRules(document: DocumentNode): Map<string, string> {
  const rules = new Map<string, string>();
  const put = (coordinate: string, rule: string | null) => rules.set(coordinate, rule ?? 'no rule');
  const fieldsOf = (
    type: Pick<ObjectTypeDefinitionNode | ObjectTypeExtensionNode, 'name' | 'fields' | 'directives'>,
  ) => {
    for (const field of type.fields ?? []) {
      if (isExternal(field)) continue;
      const coordinate = `${type.name.value}.${field.name.value}`;
      put(coordinate, ruleOf(field) ?? ruleOf(type));
      for (const argument of field.arguments ?? []) put(`${coordinate}(${argument.name.value}:)`, ruleOf(argument));
    }
  };
  for (const type of document.definitions) {
    switch (type.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        fieldsOf(type);
        break;
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      case Kind.INPUT_OBJECT_TYPE_EXTENSION:
        for (const field of type.fields ?? []) put(`${type.name.value}.${field.name.value}`, ruleOf(field));
        break;
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_EXTENSION:
        for (const value of type.values ?? []) put(`${type.name.value}.${value.name.value}`, ruleOf(value));
        break;
      default:
    }
  }
  return rules;
}

/**
 * Coordinates that several subgraphs resolve under different rules. Which subgraph answers is the planner's choice,
 * so a difference would let the same field through or not by chance.
 * @returns one sentence a coordinate
 */
export function differingRules(subgraphs: readonly { name: string; document: DocumentNode }[]): string[] {
  const seen = new Map<string, { name: string; rule: string }>();
  const found: string[] = [];
  for (const { name, document } of subgraphs) {
    for (const [coordinate, rule] of accessRules(document)) {
      const first = seen.get(coordinate);
      if (!first) seen.set(coordinate, { name, rule });
      else if (first.rule !== rule)
        found.push(
          `${coordinate}: @access is "${first.rule}" in ${first.name} and "${rule}" in ${name}. Make them equal.`,
        );
    }
  }
  return found;
}
