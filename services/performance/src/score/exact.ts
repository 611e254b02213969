/** Exact figures. Floating point would round where the rules do not. */

/** What a figure may be given as: `7`, `0.8`, `'12.50'`. */
export type Figure = Exact | number | string;

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/;
/** Of a figure that is no small fraction. What a division cuts off behind them cannot reach the two that a score shows. */
const PLACES = 50;
/** In these, such figures are the same that are so in truth: a third taken three times is 0.999… there, and not 1. */
const SAME = 30;
const SCALE = 10n ** BigInt(PLACES);
/** Those that are safe integers. */
const POWERS = Array.from({ length: 16 }, (_, places) => 10 ** places);
/** Of so many places, the last one in units of a decimal. */
const STEPS = Array.from({ length: PLACES + 1 }, (_, places) => 10n ** BigInt(PLACES - places));

/**
 * A fraction for as long as both of its whole numbers are safe integers: it is exact, few scores need more, and a fold
 * takes half to three fifths of the time that it takes with decimals of any length. What grows beyond is a decimal of 50 places from then on.
 */
export class Exact {
  private constructor(
    private readonly top: number,
    /** Above 0. */
    private readonly bottom: number,
    /** Of a decimal, how many of its last place; null of a fraction. */
    private readonly units: bigint | null,
  ) {}

  /** @throws RangeError on what is no decimal */
  static of(figure: Figure): Exact {
    if (figure instanceof Exact) return figure;
    if (Number.isSafeInteger(figure)) return new Exact(figure as number, 1, null);
    const [, sign, whole, part = '', power = '0'] = DECIMAL.exec(String(figure)) ?? [];
    if (whole === undefined) throw new RangeError(`${figure} is no decimal.`);
    const digits = `${sign}${whole}${part}`;
    const places = part.length - Number(power);
    if (digits.length < POWERS.length && places in POWERS) return new Exact(Number(digits), POWERS[places]!, null);
    const units = BigInt(digits) * 10n ** BigInt(PLACES - Math.min(places, 0));
    return new Exact(0, 1, units / 10n ** BigInt(Math.max(places, 0)));
  }

  /** Of the last of so many places. */
  private static readonly HALVES = STEPS.map((step, places) => {
    const bottom = POWERS[places + 1];
    return bottom === undefined ? new Exact(0, 1, step / 2n) : new Exact(5, bottom, null);
  });

  static max = (a: Exact, b: Exact): Exact => (a.lt(b) ? b : a);
  static min = (a: Exact, b: Exact): Exact => (b.lt(a) ? b : a);

  plus(figure: Figure): Exact {
    const other = Exact.of(figure);
    if (this.units === null && other.units === null) {
      if (this.bottom === other.bottom && Number.isSafeInteger(this.top + other.top)) {
        return new Exact(this.top + other.top, this.bottom, null);
      }
      const [a, b, bottom] = [this.top * other.bottom, other.top * this.bottom, this.bottom * other.bottom];
      if (areSafe(a, b) && areSafe(a + b, bottom)) return new Exact(a + b, bottom, null);
    }
    return new Exact(0, 1, this.inUnits() + other.inUnits());
  }

  minus(figure: Figure): Exact {
    const { top, bottom, units } = Exact.of(figure);
    return this.plus(new Exact(-top, bottom, units === null ? null : -units));
  }

  times(figure: Figure): Exact {
    const other = Exact.of(figure);
    if (this.units === null && other.units === null) {
      const [top, bottom] = [this.top * other.top, this.bottom * other.bottom];
      if (areSafe(top, bottom)) return new Exact(top, bottom, null);
    }
    return new Exact(0, 1, (this.inUnits() * other.inUnits()) / SCALE);
  }

  /** @throws RangeError on division by zero */
  div(figure: Figure): Exact {
    const other = Exact.of(figure);
    if (this.units === null && other.units === null && other.top > 0) {
      const [top, bottom] = [this.top * other.bottom, this.bottom * other.top];
      if (areSafe(top, bottom)) return new Exact(top, bottom, null);
    }
    return new Exact(0, 1, (this.inUnits() * SCALE) / other.inUnits());
  }

  lt(figure: Figure): boolean {
    return this.cmp(figure) < 0;
  }

  gte(figure: Figure): boolean {
    return this.cmp(figure) >= 0;
  }

  /** Below 0 where this is the less, above 0 where it is the greater. */
  cmp(figure: Figure): number {
    const other = Exact.of(figure);
    const [a, b] = [this.top * other.bottom, other.top * this.bottom];
    if (this.units === null && other.units === null && areSafe(a, b)) return a - b;
    const [left, right] = [this.inUnits(), other.inUnits()];
    return left < right ? -1 : left > right ? 1 : 0;
  }

  isZero(): boolean {
    return this.units === null ? this.top === 0 : this.units === 0n;
  }

  /** Cut off behind so many places. */
  cut(places: number): Exact {
    const step = POWERS[places];
    if (this.units === null && step !== undefined) {
      const rest = this.top % this.bottom;
      const [whole, part] = [((this.top - rest) / this.bottom) * step, rest * step];
      const top = whole + (part - (part % this.bottom)) / this.bottom;
      if (areSafe(whole, part) && areSafe(top, step)) return new Exact(top, step, null);
    }
    const units = this.inUnits();
    return new Exact(0, 1, units - (units % STEPS[places]!));
  }

  /** Rounded half-up to so many places: a figure that lies on the edge in truth lies on it here. */
  rounded(places: number): Exact {
    const same = this.units === null ? this : this.nearest(SAME);
    return same.nearest(places);
  }

  /** A decimal without zeros behind it; of a figure without end, its 50 places. */
  toString(): string {
    if (this.units === null && this.bottom === 1) return String(this.top);
    const places = this.units === null ? POWERS.indexOf(this.bottom) : -1;
    const text = places < 0 ? written(this.inUnits(), PLACES) : written(this.top, places);
    return text.replace(/\.?0+$/, '');
  }

  /** Rounded half-up, with all of so many places. */
  toFixed(places: number): string {
    const settled = this.rounded(places);
    const digits = settled.top * (POWERS[places]! / settled.bottom);
    const isSmall = settled.units === null && Number.isSafeInteger(digits);
    return written(isSmall ? digits : settled.inUnits() / STEPS[places]!, places);
  }

  toNumber(): number {
    return this.units === null ? this.top / this.bottom : Number(this.toString());
  }

  private nearest(places: number): Exact {
    if (this.units === null && (POWERS[places] ?? 1) % this.bottom === 0) return this;
    const half = Exact.HALVES[places]!;
    return (this.lt(ZERO) ? this.minus(half) : this.plus(half)).cut(places);
  }

  private inUnits(): bigint {
    return this.units ?? (BigInt(this.top) * SCALE) / BigInt(this.bottom);
  }
}

const areSafe = (a: number, b: number): boolean => Number.isSafeInteger(a) && Number.isSafeInteger(b);

/** So many of the last of some places, as a decimal. */
function written(digits: number | bigint, places: number): string {
  const text = String(digits < 0 ? -digits : digits).padStart(places + 1, '0');
  const point = text.length - places;
  const decimal = places === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`;
  return digits < 0 ? `-${decimal}` : decimal;
}

export const ZERO = Exact.of(0);
export const ONE = Exact.of(1);
export const HUNDRED = Exact.of(100);

export const halfUp = (value: Exact, places: number): Exact => value.rounded(places);

export const sum = (values: readonly Exact[]): Exact => values.reduce((total, value) => total.plus(value), ZERO);

/** The mean, or null of nothing. */
export const mean = (values: readonly Exact[]): Exact | null =>
  values.length === 0 ? null : sum(values).div(values.length);

/** A value between two others. */
export const clamp = (value: Exact, least: Exact, most: Exact): Exact => Exact.max(least, Exact.min(most, value));
