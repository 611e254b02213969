/** So many things in so much time. */
export interface Rate {
  readonly count: number;
  readonly seconds: number;
  readonly perSecond: number;
}

export const rateOf = (count: number, milliseconds: number): Rate => ({
  count,
  seconds: milliseconds / 1_000,
  perSecond: count / (milliseconds / 1_000),
});
