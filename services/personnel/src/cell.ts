/** Cells of a table that someone imports: text, to be read as what it must be. */
import { DomainError } from '@merit/chassis/errors';

/**
 * One of the values that a field may have; capitals and blanks around it do not matter.
 * @throws VALUE_UNKNOWN with the field
 */
export function requireOneOf<T extends string>(value: string, allowed: readonly T[], field: string): T {
  const found = allowed.find((one) => one === value.trim().toUpperCase());
  if (found) return found;
  throw new DomainError('VALUE_UNKNOWN', `${field} must be one of ${allowed.join(', ')}.`, { field, allowed });
}

/** A cell of a table without anything in it is no value. */
export const cell = (value: string | null | undefined): string | null =>
  value == null || value.trim() === '' ? null : value.trim();
