/**
 * Contracts as another version of them has it, for tests: what an older or a newer publisher would put on a topic, in
 * real bytes. The changed contract is built from the present one's descriptor, so it cannot drift away from it.
 */
import {
  clone,
  create,
  createFileRegistry,
  type DescFile,
  type DescMessage,
  fromJson,
  type JsonObject,
  toBinary,
} from '@bufbuild/protobuf';
import { protoCamelCase } from '@bufbuild/protobuf/reflect';
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  EnumValueDescriptorProtoSchema,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { received } from './testing.js';
import type { ReceivedEvent } from './transport/envelope.js';

/** What another version has otherwise. */
export type Change = (file: FileDescriptorProto) => void;

const find = <T extends { readonly name: string }>(all: readonly T[], name: string): T => {
  const found = all.find((each) => each.name === name);
  if (!found) throw new Error(`The contract has no ${name}.`);
  return found;
};

const text = (name: string, number: number) =>
  create(FieldDescriptorProtoSchema, {
    name,
    jsonName: protoCamelCase(name),
    number,
    type: Type.STRING,
    label: Label.OPTIONAL,
  });

/** Fields that are not there: not yet, or no longer. */
export const without =
  (message: string, ...fields: string[]): Change =>
  ({ messageType }) => {
    const it: DescriptorProto = find(messageType, message);
    for (const name of fields) it.field.splice(it.field.indexOf(find(it.field, name)), 1);
  };

/** One more field, a text. */
export const withField =
  (message: string, field: string, number: number): Change =>
  ({ messageType }) =>
    void find(messageType, message).field.push(text(field, number));

/** A field that keeps its number and has another name. */
export const renaming =
  (message: string, from: string, to: string): Change =>
  ({ messageType }) => {
    const field = find(find(messageType, message).field, from);
    field.name = to;
    field.jsonName = protoCamelCase(to);
  };

/** One more value of an enum. */
export const withValue =
  (enumeration: string, name: string, number: number): Change =>
  ({ enumType }) =>
    void find(enumType, enumeration).value.push(create(EnumValueDescriptorProtoSchema, { name, number }));

/** One more type of events, with one field, a text. */
export const withMessage =
  (name: string, field: string): Change =>
  ({ messageType }) =>
    void messageType.push(create(DescriptorProtoSchema, { name, field: [text(field, 1)] }));

/** An event of another version: `say('TrainingCompleted', { enrolmentId: … })`, in protobuf's JSON. */
export type Say = (message: string, value: JsonObject, over?: Partial<ReceivedEvent>) => ReceivedEvent;

/** A publisher whose contract differs from the present one by these changes. */
export function publisherOf(file: DescFile, ...changes: readonly Change[]): Say {
  const other = clone(FileDescriptorProtoSchema, file.proto);
  for (const change of changes) change(other);
  const registry = createFileRegistry(other, (name) => file.dependencies.find(({ proto }) => proto.name === name));
  return (message, value, over) => {
    const type = `${file.proto.package}.${message}`;
    const schema: DescMessage | undefined = registry.getMessage(type);
    if (!schema) throw new Error(`The contract has no ${type}.`);
    return received(type, toBinary(schema, fromJson(schema, value)), over);
  };
}
