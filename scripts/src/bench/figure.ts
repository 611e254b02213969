/** One line of a bench's table, in words. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  /** What stands beside it, of the same run. */
  readonly ceiling: string;
  readonly ratio: string;
  readonly goal: string;
}

export const ratio = (a: number, b: number): string => (a / b).toFixed(2);
export const mib = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
export const perSecond = (rate: { readonly perSecond: number }): string =>
  `${Math.round(rate.perSecond).toLocaleString('en')}/s`;
