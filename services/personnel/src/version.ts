import { DomainError } from '@merit/chassis/errors';

/** @throws CONFLICT on `expectedVersion`, when someone else changed the thing since it was read */
export function requireVersion(version: number, expected: number): void {
  if (version === expected) return;
  throw new DomainError('CONFLICT', 'Someone else changed this since you read it. Read it again, then change it.', {
    field: 'expectedVersion',
    version,
  });
}
