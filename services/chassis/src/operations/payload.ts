/** What an event says, for a person who does not know its contract. */
import { type DescMessage, fromBinary, type Registry, toJson } from '@bufbuild/protobuf';

export interface ShownPayload {
  readonly bytes: number;
  /** The message as JSON, two spaces deep; null when it cannot be read. */
  readonly json: string | null;
  readonly problem: string | null;
  /** The first 64 bytes, when it cannot be read. */
  readonly hex: string | null;
}

/** Reads a payload by the contract of its type, or says why that cannot be. */
export function showPayload(contracts: Registry, type: string | undefined, payload: Uint8Array): ShownPayload {
  const shown = { bytes: payload.byteLength, json: null, problem: null, hex: null };
  const schema = type === undefined ? undefined : contracts.getMessage(type);
  try {
    if (!schema) throw new Error(type ? `no contract is known here for ${type}` : 'its header ce_type is missing');
    return { ...shown, json: jsonOf(contracts, schema, payload) };
  } catch (error) {
    return { ...shown, problem: (error as Error).message, hex: hexOf(payload) };
  }
}

const jsonOf = (contracts: Registry, schema: DescMessage, payload: Uint8Array): string =>
  JSON.stringify(
    toJson(schema, fromBinary(schema, payload), { registry: contracts, alwaysEmitImplicit: true }),
    null,
    2,
  );

const hexOf = (payload: Uint8Array): string => Buffer.from(payload.subarray(0, 64)).toString('hex');
