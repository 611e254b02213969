/** What a client writes of a plan → the words of the rules. */
import { requireText } from '@merit/chassis/errors';
import type { Aspect, Indicator, WorkResult, WorkResultKind } from './plan.js';
import { requireQuantity } from './quantity.js';
import type { IndicatorChange } from './revision.js';

export interface IndicatorInput {
  readonly name: string;
  readonly aspect?: Aspect | null;
  readonly target?: number | null;
  readonly unit?: string | null;
  readonly evidenceSource?: string | null;
  readonly dueDates?: readonly string[] | null;
}
export interface WorkResultInput {
  readonly title: string;
  readonly kind: WorkResultKind;
  readonly indicators: readonly IndicatorInput[];
}

const NAME = { max: 500 };
const UNIT = { max: 100 };

/** @throws TEXT_REQUIRED, TEXT_TOO_LONG, TEXT_INVALID, QUANTITY_INVALID naming the place */
export const workResultsFrom = (inputs: readonly WorkResultInput[], newId: () => string): WorkResult[] =>
  inputs.map(({ title, kind, indicators }, r) => ({
    id: newId(),
    title: requireText(title, `workResults[${r}].title`, NAME),
    kind,
    indicators: indicators.map((input, n) => indicatorFrom(input, `workResults[${r}].indicators[${n}].`, newId())),
  }));

const indicatorFrom = (input: IndicatorInput, path: string, id: string): Indicator => ({
  id,
  name: requireText(input.name, `${path}name`, NAME),
  aspect: input.aspect ?? null,
  target: input.target == null ? null : requireQuantity(input.target, `${path}target`),
  unit: input.unit == null ? null : requireText(input.unit, `${path}unit`, UNIT),
  evidenceSource:
    input.evidenceSource == null ? null : requireText(input.evidenceSource, `${path}evidenceSource`, NAME),
  dueDates: [...(input.dueDates ?? [])].sort(),
});

/** What is absent or null stays as it is; an empty list of dates lets the months say. */
export const changeFrom = ({
  name,
  target,
  unit,
  evidenceSource,
  dueDates,
}: Partial<Omit<IndicatorInput, 'name'>> & { readonly name?: string | null }): IndicatorChange => ({
  ...(name == null ? {} : { name: requireText(name, 'name', NAME) }),
  ...(target == null ? {} : { target: requireQuantity(target, 'target') }),
  ...(unit == null ? {} : { unit: requireText(unit, 'unit', UNIT) }),
  ...(evidenceSource == null ? {} : { evidenceSource: requireText(evidenceSource, 'evidenceSource', NAME) }),
  ...(dueDates == null ? {} : { dueDates: [...dueDates].sort() }),
});
