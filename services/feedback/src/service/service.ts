/** A public service (pelayanan publik) of a unit, and the standards that it promises. */
import { isDeepStrictEqual } from 'node:util';
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';

/** How long a service takes at most. */
const LIMIT_UNITS = ['WORKING_DAYS', 'DAYS', 'MINUTES'] as const;
export type LimitUnit = (typeof LIMIT_UNITS)[number];

/** One product of a service with what it needs, how long it takes and what it costs (standar pelayanan). */
export interface Standard {
  readonly name: string;
  /** What to bring and to fulfil (persyaratan). */
  readonly requirements: string;
  readonly limit: { readonly quantity: number; readonly unit: LimitUnit };
  /** In rupiah; 0 is free. */
  readonly fee: number;
}

export interface PublicService {
  readonly id: string;
  readonly agencyId: string;
  readonly unitId: string;
  /** The agency's own short name of the service, unique in the agency. */
  readonly code: string;
  readonly name: string;
  readonly standards: readonly Standard[];
  /** +1 with each change. */
  readonly version: number;
}

export type ServiceEvent = {
  readonly type: 'ServiceRegistered' | 'ServiceChanged';
  readonly service: PublicService;
};

const MOST_STANDARDS = 50;
const LONGEST_LIMIT = 100_000;
const HIGHEST_FEE = 2_000_000_000;

/**
 * Enters a service.
 * @throws TEXT_REQUIRED, TEXT_TOO_LONG, TEXT_INVALID on `code`, `name`, `standards.…`; CODE_INVALID on `code`;
 *   TOO_MANY_STANDARDS, LIMIT_OUT_OF_RANGE, FEE_OUT_OF_RANGE on `standards`
 */
export function register(service: Omit<PublicService, 'version'>): Decision<PublicService, ServiceEvent> {
  const code = requireText(service.code, 'code', { max: 40 });
  if (!/^[\p{L}\p{N}._/-]+$/u.test(code)) {
    throw new DomainError('CODE_INVALID', 'A code has letters, digits and . _ / - only.', { field: 'code' });
  }
  const state = { ...service, code, ...contentOf(service), version: 1 };
  return { state, events: [{ type: 'ServiceRegistered', service: state }] };
}

export interface ServiceChange {
  readonly name: string;
  readonly standards: readonly Standard[];
  /** The version that the change was made from. */
  readonly expectedVersion: number;
}

/**
 * Changes name and standards.
 * @throws CONFLICT; and as `register` does
 */
export function update(service: PublicService, change: ServiceChange): Decision<PublicService, ServiceEvent> {
  if (change.expectedVersion !== service.version) {
    throw new DomainError('CONFLICT', 'Someone else changed this service. Read it again, then change it.', {
      field: 'expectedVersion',
      version: service.version,
    });
  }
  const state = { ...service, ...contentOf(change), version: service.version + 1 };
  return { state, events: [{ type: 'ServiceChanged', service: state }] };
}

/** Whether two services say the same, whatever their ids and versions. */
export const sameContent = (a: PublicService, b: PublicService): boolean =>
  a.unitId === b.unitId && a.name === b.name && isDeepStrictEqual(a.standards, b.standards);

function contentOf({ name, standards }: Pick<PublicService, 'name' | 'standards'>) {
  if (standards.length > MOST_STANDARDS) {
    throw refuse('TOO_MANY_STANDARDS', `A service has at most ${MOST_STANDARDS} standards.`, MOST_STANDARDS);
  }
  return { name: requireText(name, 'name', { max: 200 }), standards: standards.map(standardOf) };
}

function standardOf({ name, requirements, limit, fee }: Standard): Standard {
  if (!Number.isInteger(limit.quantity) || limit.quantity < 1 || limit.quantity > LONGEST_LIMIT) {
    throw refuse('LIMIT_OUT_OF_RANGE', `A limit is a whole number from 1 to ${LONGEST_LIMIT}.`, LONGEST_LIMIT);
  }
  if (!Number.isInteger(fee) || fee < 0 || fee > HIGHEST_FEE) {
    throw refuse('FEE_OUT_OF_RANGE', `A fee is in whole rupiah, from 0 to ${HIGHEST_FEE}.`, HIGHEST_FEE);
  }
  return {
    name: requireText(name, 'standards.name', { max: 200 }),
    requirements: requireText(requirements, 'standards.requirements', { max: 4000, lines: true }),
    limit: { quantity: limit.quantity, unit: limit.unit },
    fee,
  };
}

const refuse = (code: string, message: string, max: number) =>
  new DomainError(code, message, { field: 'standards', max });
