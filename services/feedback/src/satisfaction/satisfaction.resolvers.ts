/** Satisfaction in the graph: what may be shown of what was measured. */
import { load, type ServiceContext } from '@merit/chassis/api/context';
import { requireYear } from '../calendar/calendar.js';
import type { PublicService } from '../service/service.js';
import type { Measurement } from './measurement.js';
import { figuresOn, SATISFACTION_FIGURES, type SatisfactionFigures } from './satisfaction.figures.js';
import { averageOf, ELEMENTS, elementIndexOf, gradeOf, indexOf, pool, type Tally, withheld } from './satisfaction.js';
import { inForceOfUnits } from './satisfaction.table.js';

interface Shown extends Tally {
  readonly asOf: string;
  readonly population: number | null;
}

/** A unit's own services together. Theirs is the earliest day, for so much is measured of all of them. */
async function ofUnit({ id }: { id: string }, { year }: { year: number }, context: ServiceContext) {
  const measured = await load(context, inForceOfUnits, { unitId: id, year: requireYear(year) });
  if (measured.length === 0) return null;
  const asOf = measured.map(({ windowTo }) => windowTo).sort()[0]!;
  const shown = { ...pool(measured), asOf, population: peopleOf(measured) };
  const figures = figuresOn(SATISFACTION_FIGURES, asOf);
  return present(shown, shown.respondents < figures.fewestShown, figures);
}

async function ofService({ id, unitId }: PublicService, { year }: { year: number }, context: ServiceContext) {
  const measured = await load(context, inForceOfUnits, { unitId, year: requireYear(year) });
  const own = measured.find(({ serviceId }) => serviceId === id);
  if (!own) return null;
  const figures = figuresOn(SATISFACTION_FIGURES, own.windowTo);
  const services = measured.map(({ serviceId, respondents }) => ({ id: serviceId, respondents }));
  const hidden = withheld(services, figures.fewestShown).has(id);
  return present({ ...own, asOf: own.windowTo }, hidden, figures);
}

const peopleOf = (measured: readonly Measurement[]): number | null =>
  measured.reduce<number | null>(
    (sum, { population }) => (sum === null || population === null ? null : sum + population),
    0,
  );

function present(shown: Shown, suppressed: boolean, figures: SatisfactionFigures) {
  const { asOf, respondents, population } = shown;
  if (suppressed) {
    return { asOf, suppressed, index: null, grade: null, respondents: null, population: null, elements: null };
  }
  const index = indexOf(shown, figures)!;
  const elements = ELEMENTS.map((element) => {
    const own = elementIndexOf(shown, element, figures)!;
    return { element, average: averageOf(shown, element)! / 100, index: own / 100, grade: gradeOf(own, figures) };
  });
  return { asOf, suppressed, index: index / 100, grade: gradeOf(index, figures), respondents, population, elements };
}

export const satisfactionResolvers = { Unit: { satisfaction: ofUnit }, PublicService: { satisfaction: ofService } };
