/** What can be learnt: an agency's catalogue of courses. */
import { DomainError, requireText } from '@merit/chassis/errors';

/** A competency of every position by its code (PermenPANRB 38/2017), or a technical one in words. */
export type Competency =
  | { readonly kind: 'COMMON'; readonly code: string }
  | { readonly kind: 'TECHNICAL'; readonly name: string };

export interface Course {
  readonly id: string;
  /** Whose catalogue it stands in. */
  readonly agencyId: string;
  /** Unique in the agency. */
  readonly code: string;
  readonly title: string;
  /** Code of the form (PerLAN 10/2018), such as SEMINAR. */
  readonly form: string;
  /** How it is taught, such as a simulation or case studies. */
  readonly method: string | null;
  /** Learning hours (JP) of the whole course; no certificate carries more. */
  readonly hours: number;
  readonly competency: Competency;
  readonly provider: string;
}

export interface CourseInput {
  readonly code: string;
  readonly title: string;
  readonly form: string;
  readonly method?: string | null | undefined;
  readonly hours: number;
  readonly competency: string;
  readonly provider: string;
}

/** The codes that there are. */
export interface Catalogue {
  readonly forms: ReadonlySet<string>;
  readonly competencies: ReadonlySet<string>;
}

/** No law sets it: the longest curricula have about 900 hours, and a slip of the finger should not pass. */
const LONGEST_COURSE = 2000;

/** A code such as M.05; anything else names a technical competency. */
const COMPETENCY_CODE = /^[A-Z]{1,2}\.\d{1,2}$/;

/**
 * A course for the catalogue.
 * @throws TEXT_REQUIRED, TEXT_TOO_LONG, TEXT_INVALID, FORM_UNKNOWN, COMPETENCY_UNKNOWN, HOURS_OUT_OF_RANGE with the field
 */
export function describeCourse(
  input: CourseInput,
  { id, agencyId }: Pick<Course, 'id' | 'agencyId'>,
  catalogue: Catalogue,
): Course {
  return {
    id,
    agencyId,
    code: requireText(input.code, 'code', { max: 50 }),
    title: requireText(input.title, 'title', { max: 300 }),
    form: requireForm(input.form, catalogue),
    method: input.method == null ? null : requireText(input.method, 'method', { max: 200 }),
    hours: requireHours(input.hours, LONGEST_COURSE),
    competency: requireCompetency(input.competency, catalogue),
    provider: requireText(input.provider, 'provider', { max: 200 }),
  };
}

function requireForm(form: string, { forms }: Catalogue): string {
  if (forms.has(form)) return form;
  throw new DomainError('FORM_UNKNOWN', 'There is no such form of training. trainingForms lists those there are.', {
    field: 'form',
  });
}

function requireCompetency(text: string, { competencies }: Catalogue): Competency {
  const name = requireText(text, 'competency', { max: 200 });
  if (!COMPETENCY_CODE.test(name)) return { kind: 'TECHNICAL', name };
  if (competencies.has(name)) return { kind: 'COMMON', code: name };
  throw new DomainError(
    'COMPETENCY_UNKNOWN',
    'There is no competency with this code. Give M.01 to M.09, or a technical one in words.',
    {
      field: 'competency',
    },
  );
}

/**
 * Whole learning hours (JP): a certificate states no parts of them.
 * @throws HOURS_OUT_OF_RANGE with the field
 */
export function requireHours(hours: number, max: number, field = 'hours'): number {
  if (Number.isInteger(hours) && hours >= 1 && hours <= max) return hours;
  throw new DomainError('HOURS_OUT_OF_RANGE', `Hours must be a whole number from 1 to ${max}.`, { field, max });
}

/** Whether two descriptions say the same of a course. */
export const sameCourse = (a: Course, b: Course): boolean => contentOf(a) === contentOf(b);
const contentOf = ({ code, title, form, method, hours, competency, provider }: Course) =>
  JSON.stringify([code, title, form, method, hours, Object.values(competency), provider]);
