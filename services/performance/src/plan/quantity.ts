/** Amounts that a plan speaks of: targets, and what was realised of them. */
import { DomainError } from '@merit/chassis/errors';
import { Decimal } from 'decimal.js';

/** Below this, a number with four places is exact in JSON. Budgets of a province in rupiah fit. */
const LIMIT = 100_000_000_000_000;
const PLACES = 4;
/** What JSON's numbers hold exactly. */
const DIGITS = 15;

/**
 * An amount as an exact decimal.
 * @throws QUANTITY_INVALID for what is negative, too large, or has more than four places
 */
export function requireQuantity(value: number, field: string): string {
  const isNumber = Number.isFinite(value) && value >= 0 && value < LIMIT;
  const amount = new Decimal(isNumber ? value : 0);
  if (!isNumber || amount.decimalPlaces() > PLACES || amount.precision() > DIGITS) {
    throw new DomainError(
      'QUANTITY_INVALID',
      `${field} must be a number from 0 to below 100 trillion, with at most four decimal places.`,
      { field },
    );
  }
  return amount.toFixed();
}
