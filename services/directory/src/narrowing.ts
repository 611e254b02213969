/** Arguments, input fields and enum values with a rule of their own: whoever uses one must satisfy it as well. */
import {
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
} from 'graphql';
import { type Rule, ruleAt } from './rules.js';

// biome-ignore lint/suspicious/noExplicitAny: whatever the field's parent and context are
type AnyField = GraphQLField<any, any>;

/** The rules that a field's arguments bring into play, from the arguments given; undefined when none ever does. */
export function narrowedInputs(
  schema: GraphQLSchema,
  field: AnyField,
  above: Rule,
): ((args: Record<string, unknown>) => Rule[]) | undefined {
  const guards = field.args.flatMap((arg) => {
    const own = ruleAt(schema, arg, above);
    return own || hasRules(schema, arg.type) ? [{ arg, own }] : [];
  });
  if (guards.length === 0) return undefined;
  return (args) =>
    guards.flatMap(({ arg, own }) => {
      const value = args[arg.name];
      // A value that the schema fills in was not chosen by the viewer.
      if (value === undefined || value === arg.defaultValue) return [];
      return [...(own ? [own] : []), ...rulesIn(schema, arg.type, value, above)];
    });
}

/** Whether a rule stands anywhere inside an input type. */
function hasRules(schema: GraphQLSchema, inputType: GraphQLInputType, seen = new Set<string>()): boolean {
  const type = getNamedType(inputType);
  if (isEnumType(type)) return valueRules(schema, type).size > 0;
  if (!isInputObjectType(type) || seen.has(type.name)) return false;
  seen.add(type.name);
  return Object.values(type.getFields()).some((field) => ruleAt(schema, field) || hasRules(schema, field.type, seen));
}

/** The rules of everything that a value of an input type uses. */
function rulesIn(schema: GraphQLSchema, inputType: GraphQLInputType, value: unknown, above: Rule): Rule[] {
  const type = getNullableType(inputType);
  if (value == null) return [];
  if (isListType(type)) return [value].flat().flatMap((item) => rulesIn(schema, type.ofType, item, above));
  if (isEnumType(type)) return valueRules(schema, type, above).get(value) ?? [];
  if (!isInputObjectType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const part = (value as Record<string, unknown>)[field.name];
    if (part === undefined || part === field.defaultValue) return [];
    const own = ruleAt(schema, field, above);
    return [...(own ? [own] : []), ...rulesIn(schema, field.type, part, above)];
  });
}

/** Internal value of an enum → its rule, for the values that have one. */
function valueRules(schema: GraphQLSchema, type: GraphQLEnumType, above?: Rule): Map<unknown, Rule[]> {
  const ruled = type.getValues().flatMap((value): [unknown, Rule[]][] => {
    const rule = ruleAt(schema, value, above);
    return rule ? [[value.value, [rule]]] : [];
  });
  return new Map(ruled);
}

/** The rules of the enum values in a field's result; undefined when its type has none. */
export function narrowedOutputs(
  schema: GraphQLSchema,
  field: AnyField,
  above: Rule,
): ((result: unknown) => Rule[]) | undefined {
  const type = getNamedType(field.type);
  if (!isEnumType(type)) return undefined;
  const rules = valueRules(schema, type, above);
  if (rules.size === 0) return undefined;
  return (result) => [result].flat(3).flatMap((value) => rules.get(value) ?? []);
}
