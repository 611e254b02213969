/** The event contracts as the sources say them, comments included. */
import { createFileRegistry, type DescFile, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { getComments, getPackageComments } from '@bufbuild/protoplugin';

/** A package of contracts: `merit.competency.v1`. */
export interface Contract {
  readonly name: string;
  readonly says: string;
  readonly events: readonly Event[];
}

export interface Event {
  readonly message: DescMessage;
  /** Without the line about aggregate and key. */
  readonly says: string;
  /** `enrolment`; null for what is about no aggregate of its own. */
  readonly aggregate: string | null;
  /** Whose id is the record's key: `employee`. */
  readonly key: string | null;
}

/** The contracts in a descriptor set with source info, in the order of their names. */
export function readContracts(descriptorSet: Uint8Array): Contract[] {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
  return [...registry.files]
    .filter((file) => file.proto.package.startsWith('merit.'))
    .map(contractOf)
    .sort((a, b) => a.name.localeCompare(b.name));
}

function contractOf(file: DescFile): Contract {
  const parts = new Set(file.messages.flatMap(({ fields }) => fields.map(({ message }) => message?.typeName)));
  const keys = new Map<string, string>();
  const events = file.messages
    .filter(({ typeName }) => !parts.has(typeName))
    .map((message): Event => {
      const says = commentOf(message);
      const [, aggregate = null, key] = /^Aggregate ([a-z-]+)(?:, key: (\w+))?\. /.exec(says) ?? [];
      if (aggregate && key) keys.set(aggregate, key);
      return {
        message,
        says: says.replace(/^Aggregate [^.]+\. /, ''),
        aggregate,
        key: aggregate ? keyOf(keys, aggregate, message) : null,
      };
    });
  return { name: file.proto.package, says: words(getPackageComments(file).leading), events };
}

/** Told with the first event of an aggregate. @throws where it was not */
function keyOf(keys: ReadonlyMap<string, string>, aggregate: string, { typeName }: DescMessage): string {
  const key = keys.get(aggregate);
  if (key === undefined) throw new Error(`The comment of ${typeName} must say the key: Aggregate ${aggregate}, key: …`);
  return key;
}

/** What the comment before a message or field says, as one paragraph a block. */
export const commentOf = (desc: Parameters<typeof getComments>[0]): string => words(getComments(desc).leading);

const words = (comment: string | undefined): string =>
  (comment ?? '')
    .split(/\n\s*\n/)
    .map((block) => block.replace(/\s+/g, ' ').trim())
    .join('\n\n');
