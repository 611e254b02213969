/** The `@access` rules of a schema, read from its directives. */
import {
  type ASTNode,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getDirectiveValues,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type Audience, RELATIONAL } from './audience.js';

/** Who may, and the names of the properties with the ids by which that is judged. */
export interface Rule {
  readonly to: readonly Audience[];
  readonly employee?: string | undefined;
  readonly unit?: string | undefined;
  readonly agency?: string | undefined;
  readonly year?: string | undefined;
  readonly orToday?: boolean | undefined;
}

type Described = { readonly astNode?: (ASTNode & { directives?: readonly ConstDirectiveNode[] }) | null | undefined };
type FieldsType = GraphQLObjectType | GraphQLInterfaceType;
// biome-ignore lint/suspicious/noExplicitAny: whatever the field's parent and context are
type AnyField = GraphQLField<any, any>;

/** The rule at a node of the schema, if it has one; what the rule leaves out comes from `above`. */
export function ruleAt(schema: GraphQLSchema, { astNode }: Described, above?: Rule): Rule | undefined {
  const directive = schema.getDirective('access');
  if (!directive) throw new Error('The schema does not define @access.');
  const values = astNode ? getDirectiveValues(directive, astNode) : undefined;
  if (!values) return undefined;
  const given = Object.entries(values).filter(([, value]) => value != null);
  const { employee, unit, agency, year, orToday } = above ?? {};
  return { employee, unit, agency, year, orToday, ...Object.fromEntries(given) } as Rule;
}

export interface FieldRules {
  /** One of them must allow. */
  readonly rules: readonly Rule[];
  readonly isKey: boolean;
}

/**
 * The rules of a type's fields. A field has its own rule, else its type's; a key has those of
 * every field, for the gateway's plans need the key of whatever a viewer may see.
 */
export function fieldRules(schema: GraphQLSchema, type: FieldsType): (field: AnyField) => FieldRules {
  const typeRule = ruleAt(schema, type);
  const ruleOf = (field: AnyField) => ruleAt(schema, field, typeRule) ?? typeRule;
  const keys = keyFields(type);
  if (keys.size > 0 && typeRule?.to.includes('INHERIT')) {
    throw new Error(`${type.name} is an entity: it can be asked for by itself, so no field that led to it was judged.`);
  }
  const all = distinct(Object.values(type.getFields()).flatMap((field) => ruleOf(field) ?? []));
  return (field) => {
    const own = ruleOf(field);
    if (!own) throw new Error(`${type.name}.${field.name} has no @access rule, and neither has its type.`);
    return keys.has(field.name) ? { rules: all, isKey: true } : { rules: [own], isKey: false };
  };
}

const distinct = (rules: readonly Rule[]): Rule[] => [
  ...new Map(
    rules.map((rule) => [
      JSON.stringify([rule.to, rule.employee, rule.unit, rule.agency, rule.year, rule.orToday]),
      rule,
    ]),
  ).values(),
];

/** The names of the fields in `@key(fields: "…")`. */
function keyFields(type: FieldsType): Set<string> {
  const nodes = [type.astNode, ...type.extensionASTNodes].flatMap((node) => node?.directives ?? []);
  const keys = nodes.filter(({ name }) => name.value === 'key' || name.value === 'federation__key');
  return new Set(
    keys.flatMap(({ arguments: given }) => {
      const fields = given?.find(({ name }) => name.value === 'fields')?.value;
      return fields?.kind === 'StringValue' ? fields.value.split(/[\s{},]+/).filter(Boolean) : [];
    }),
  );
}

const BY_EMPLOYEE: ReadonlySet<Audience> = new Set(['SELF', 'SUPERVISOR', 'DIRECT_SUPERVISOR'] as const);

/** Whether no viewer at all is refused by these rules, so that the field needs no guard. */
export const isAlwaysAllowed = (rules: readonly Rule[]): boolean =>
  rules.some(({ to }) => to.includes('PUBLIC') || to.includes('INHERIT'));

/**
 * Whether a field's rules can be judged, and being denied costs no more than the field.
 * @throws, naming the coordinate
 */
export function checkRule(
  schema: GraphQLSchema,
  type: FieldsType,
  field: AnyField,
  { rules, isKey }: FieldRules,
): void {
  const coordinate = `${type.name}.${field.name}`;
  for (const { to, employee, unit, agency, year } of rules) {
    if (to.length === 0) throw new Error(`${coordinate} is for nobody: its @access names no audience.`);
    if (to.includes('INHERIT') && to.length > 1) {
      throw new Error(`${coordinate} cannot be judged both by itself and at the field that led to it.`);
    }
    const byEmployee = to.some((audience) => BY_EMPLOYEE.has(audience));
    if (byEmployee && !employee)
      throw new Error(`${coordinate} is for SELF or SUPERVISOR: @access must name employee.`);
    if (year && !employee) throw new Error(`${coordinate} is judged by a year: @access must name employee.`);
    if (to.includes('OFFICER') && !unit) throw new Error(`${coordinate} is for OFFICER: @access must name unit.`);
    if (to.some((audience) => RELATIONAL.has(audience)) && !employee && !unit && !agency) {
      throw new Error(`${coordinate} has a relational audience: @access must name employee, unit or agency.`);
    }
  }
  if (isAlwaysAllowed(rules) || isKey || !isObjectType(type)) return;
  if (rules[0]!.to.some((audience) => RELATIONAL.has(audience)) && isNonNullType(field.type)) {
    throw new Error(
      `${coordinate} has a relational audience and must be nullable, or being denied would cost its parent.`,
    );
  }
  checkRoot(schema, type, field, rules[0]!);
}

/** The ids of a root field's rule are arguments: a misspelt one is found at start. */
function checkRoot(schema: GraphQLSchema, type: FieldsType, field: AnyField, rule: Rule): void {
  if (type !== schema.getQueryType() && type !== schema.getMutationType()) return;
  for (const path of [rule.employee, rule.unit, rule.agency]) {
    const name = path?.split('.')[0];
    if (name && !field.args.some((arg) => arg.name === name)) {
      throw new Error(`${type.name}.${field.name} is judged by its argument ${name}, which it does not have.`);
    }
  }
}
