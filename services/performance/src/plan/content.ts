/** What a plan says, apart from its ids and its history. */
import type { Plan } from './plan.js';

/** Whether two plans say the same, whatever their ids. */
export const sameContent = (a: Plan, b: Plan): boolean => JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b));

const contentOf = ({ span, workResults }: Plan) => [
  span.from,
  span.to,
  workResults.map(({ title, kind, indicators }) => [
    title,
    kind,
    indicators.map(({ name, aspect, target, unit, evidenceSource, dueDates }) => [
      name,
      aspect,
      target,
      unit,
      evidenceSource,
      dueDates,
    ]),
  ]),
];
