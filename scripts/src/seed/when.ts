/** The year of the sample data, and how far it has come: up to the last month that is over, so that nothing lies in the future. */
const now = new Date();
const begun = now.getUTCMonth() + 1;

/** In January the last full month is December's of the year before. */
export const YEAR = begun === 1 ? now.getUTCFullYear() - 1 : now.getUTCFullYear();
/** From 1 to 12. */
export const LAST_MONTH = begun === 1 ? 12 : begun - 1;

/** `2026-03-09`, by default in the year of the sample data. */
export const day = (month: number, dayOfMonth: number, year = YEAR): string =>
  `${year}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;

/** So many days before today. */
export const daysAgo = (days: number): string => new Date(now.getTime() - days * 86_400_000).toISOString().slice(0, 10);

export const isOver = (moment: string): boolean => moment < now.toISOString();
