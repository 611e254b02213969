/**
 * The satisfaction index (IKM) of PermenPANRB 14/2017: nine elements, exact ninths, rounded, then banded.
 *
 * Pure and in whole numbers: an index is counted in hundredths, and no figure is rounded before its last step.
 */
import type { Grade, SatisfactionFigures } from './satisfaction.figures.js';

/**
 * The nine elements (unsur), by code: forms disagree on which of the last two is U8 and which U9 (the regulation lists
 * the handling of complaints eighth, many local forms list facilities eighth), so a number would mix them up.
 */
export const ELEMENTS = [
  'PERSYARATAN',
  'PROSEDUR',
  'WAKTU',
  'BIAYA',
  'PRODUK',
  'KOMPETENSI',
  'PERILAKU',
  'PENGADUAN',
  'SARANA',
] as const;
export type Element = (typeof ELEMENTS)[number];
export type PerElement = Readonly<Record<Element, number>>;

/** How many answered, and the sum of their answers to each element. */
export interface Tally {
  readonly respondents: number;
  readonly sums: PerElement;
}

/** A figure for each of the nine elements. */
export const perElement = (figureOf: (element: Element) => number): PerElement =>
  Object.fromEntries(ELEMENTS.map((element) => [element, figureOf(element)])) as Record<Element, number>;

export const NOBODY: Tally = { respondents: 0, sums: perElement(() => 0) };

/** Everyone's answers as if they had been one survey: what a unit's index pools, and a year its months. */
export const pool = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (all, next) => ({
      respondents: all.respondents + next.respondents,
      sums: perElement((element) => all.sums[element] + next.sums[element]),
    }),
    NOBODY,
  );

/**
 * The index in hundredths, 2500 to 10000: sum ÷ n is an element's average, each weighs a ninth, and 4 is worth 100.
 * A perfect survey gives 100.00, and not the 99.90 that the printed weight of 0.111 would give. Null for no respondents.
 */
export function indexOf({ respondents, sums }: Tally, figures: SatisfactionFigures): number | null {
  const total = ELEMENTS.reduce((sum, element) => sum + sums[element], 0);
  return share(total, respondents * ELEMENTS.length, figures);
}

/** One element's index in hundredths: its average × 25. Null for no respondents. */
export const elementIndexOf = ({ respondents, sums }: Tally, element: Element, figures: SatisfactionFigures) =>
  share(sums[element], respondents, figures);

/** One element's average (NRR), 1 to 4, in hundredths. Null for no respondents. */
export const averageOf = ({ respondents, sums }: Tally, element: Element): number | null =>
  respondents === 0 ? null : divide(sums[element] * 100, respondents);

const share = (sum: number, answers: number, { fullIndex, bestAnswer }: SatisfactionFigures): number | null =>
  answers === 0 ? null : divide(sum * fullIndex * 100, answers * bestAnswer);

/** Rounded half-up, in integers: a half is never lost to a binary fraction. Neither is negative. */
function divide(numerator: number, denominator: number): number {
  const [n, d] = [BigInt(numerator), BigInt(denominator)];
  return Number((2n * n + d) / (2n * d));
}

/** The grade of an index already rounded to hundredths: rounding comes first, for only then have the bands no gap. */
export const gradeOf = (hundredths: number, { bands }: SatisfactionFigures): Grade =>
  bands.find(({ from }) => hundredths >= from)!.grade; // 1 is the worst answer, so an index is never below the last band

/**
 * The services of one unit whose own figures are withheld, so that no figure about fewer than `fewest` people can be
 * read, nor be got by taking the shown services from the unit's pooled figure: where those hidden together are too few,
 * the smallest of the others is hidden with them.
 */
export function withheld(
  services: readonly { readonly id: string; readonly respondents: number }[],
  fewest: number,
): ReadonlySet<string> {
  const answered = services.filter(({ respondents }) => respondents > 0);
  const bySize = [...answered].sort((a, b) => a.respondents - b.respondents || (a.id < b.id ? -1 : 1));
  const hidden = new Set<string>();
  let people = 0;
  for (const { id, respondents } of bySize) {
    const safe = people === 0 || people >= fewest;
    if (respondents >= fewest && safe) break;
    hidden.add(id);
    people += respondents;
  }
  return hidden;
}
