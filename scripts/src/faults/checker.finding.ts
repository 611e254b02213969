/** What the checker finds. */
import { groupBy } from '@merit/chassis/group-by';

/** `gap`: a number was missing and was waited for, which is no harm. `waiting`: something still is set aside. */
export type Kind = 'lost' | 'twice' | 'inversion' | 'gap' | 'waiting';

export interface Finding {
  readonly kind: Kind;
  readonly fault: string;
  readonly what: string;
}

export const times = (count: number, finding: Finding): Finding[] => Array.from({ length: count }, () => finding);

export const countBy = <T>(things: readonly T[], by: (thing: T) => string): Map<string, number> =>
  new Map([...groupBy(things, by)].map(([key, group]) => [key, group.length]));
