/** Exact decimals. Floating point would round where the rules do not. */
import { Decimal } from 'decimal.js';

/** A decimal of 40 digits, of which a score shows two places: what a division cuts off cannot reach them. */
export const Exact = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_UP, toExpNeg: -30, toExpPos: 30 });
export type Exact = Decimal;

export const ZERO = new Exact(0);
export const ONE = new Exact(1);
export const HUNDRED = new Exact(100);

/**
 * Rounds half-up. A third taken three times is 0.999… and not 1, so the 40 digits are first
 * rounded to 30 places: a figure that lies on the edge in truth then lies on it here.
 */
export const halfUp = (value: Exact, places: number): Exact => value.toDecimalPlaces(30).toDecimalPlaces(places);

export const sum = (values: readonly Exact[]): Exact => values.reduce((total, value) => total.plus(value), ZERO);

/** The mean, or null of nothing. */
export const mean = (values: readonly Exact[]): Exact | null =>
  values.length === 0 ? null : sum(values).div(values.length);

/** A value between two others. */
export const clamp = (value: Exact, least: Exact, most: Exact): Exact => Exact.max(least, Exact.min(most, value));
