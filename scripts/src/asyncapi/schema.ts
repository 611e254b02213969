/** Messages as JSON Schema, by protobuf's own mapping to JSON. */
import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { commentOf } from './contracts.js';

export type Schema = Readonly<Record<string, unknown>>;

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** The schemas of messages and of everything they contain: full name → schema. */
export function schemasOf(messages: readonly DescMessage[]): Map<string, Schema> {
  const schemas = new Map<string, Schema>();
  const add = (type: DescMessage | DescEnum): void => {
    if (schemas.has(type.typeName) || type.typeName.startsWith('google.')) return;
    schemas.set(type.typeName, type.kind === 'enum' ? enumSchema(type) : messageSchema(type));
    if (type.kind === 'enum') return;
    for (const field of type.fields) {
      if (field.message) add(field.message);
      if (field.enum) add(field.enum);
    }
  };
  for (const message of messages) add(message);
  return schemas;
}

const enumSchema = (type: DescEnum): Schema => ({
  type: 'string',
  description: commentOf(type),
  enum: type.values.map(({ name }) => name),
});

const messageSchema = (message: DescMessage): Schema => ({
  type: 'object',
  description: commentOf(message),
  properties: Object.fromEntries(message.fields.map((field) => [field.jsonName, fieldSchema(field)])),
});

/** A field, with its number: that is what the wire carries. */
function fieldSchema(field: DescField): Schema {
  const one = typeOf(field);
  return {
    ...(field.fieldKind === 'list' ? { type: 'array', items: one } : '$ref' in one ? { allOf: [one] } : one),
    description: commentOf(field),
    'x-protobuf-name': field.name,
    'x-protobuf-number': field.number,
    ...(field.proto.proto3Optional ? { 'x-may-be-absent': true } : {}),
    ...(field.deprecated ? { deprecated: true } : {}),
  };
}

/** @throws on a kind of field that no contract has had so far */
function typeOf(field: DescField): Schema {
  if (field.message?.typeName === 'google.protobuf.Timestamp') return { type: 'string', format: 'date-time' };
  if (field.message) return ref(field.message.typeName);
  if (field.enum) return ref(field.enum.typeName);
  const scalar = field.scalar === undefined ? undefined : SCALARS[field.scalar];
  if (!scalar) throw new Error(`${field} is of a kind that the document cannot show yet.`);
  return scalar;
}

const SCALARS: Partial<Record<ScalarType, Schema>> = {
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.INT32]: { type: 'integer', format: 'int32' },
  // As text: JSON's numbers are not exact beyond 53 bits.
  [ScalarType.INT64]: { type: 'string', format: 'int64' },
  [ScalarType.DOUBLE]: { type: 'number', format: 'double' },
  [ScalarType.BYTES]: { type: 'string', contentEncoding: 'base64' },
};
