/** How many people to ask: the sample of Krejcie and Morgan, which PermenPANRB 14/2017 prints as a table. */
import { Decimal } from 'decimal.js';
import type { SatisfactionFigures } from './satisfaction.figures.js';

/**
 * The respondents needed for a population: χ²·N·P(1−P) ÷ (d²·(N−1) + χ²·P(1−P)), rounded.
 * It gives every row of the printed table but one: for 100,000 people the table says 384, the formula 383.
 * @param population people served, 0 or more
 */
export function sampleFor(population: number, { sample }: SatisfactionFigures): number {
  const spread = new Decimal(sample.chiSquare).times(sample.proportion).times(new Decimal(1).minus(sample.proportion));
  const needed = spread.times(population).div(
    new Decimal(sample.error)
      .pow(2)
      .times(population - 1)
      .plus(spread),
  );
  return needed.toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toNumber();
}
