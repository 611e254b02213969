/**
 * The law's word on who may know what of a person (docs: regulations on privacy, UU 14/2008 Pasal 17 h, UU 27/2022),
 * written by hand beside the annotations, so that an annotation that says otherwise is found.
 */

/** Everything that the public may have, and nothing else: what a unit is, gives and achieves. */
const PUBLIC_TYPES = new Set([
  ...['Query', 'Mutation', 'PageInfo', 'Agency', 'Unit', 'UnitHead'],
  ...['PublicService', 'ServiceStandard', 'ServiceLimit', 'Satisfaction', 'SatisfactionElement'],
  ...['Complaint', 'ComplaintStatistics', 'WorkCalendar', 'Holiday'],
  ...['AnswerSurveyPayload', 'SubmitComplaintPayload', 'ReopenComplaintPayload'],
]);

/** Words for what no public field may be about. */
const PERSONAL = new RegExp(
  [
    ...['nip$', 'nik$', 'birth', 'sex$', 'gender', 'religion', 'marital', 'health', 'address', 'phone', 'contact'],
    ...['employee', 'person$', 'predicate', 'rating', 'behaviou?r', 'score', 'band', 'plan$', 'realis', 'indicator'],
    ...['disciplin', 'leave', 'left', 'availab', 'salary', 'allowance', 'learning', 'enrol', 'certificate', 'talent'],
    ...['competenc', 'supervis', 'grant', 'handl', 'named', 'reporter', 'evidence', 'appraisal', 'award'],
  ].join('|'),
  'i',
);

/** Why a coordinate may not be public; null when it may. Lists of what is public are public. */
export function whyNotPublic(coordinate: string): string | null {
  const [type, field] = coordinate.split('.') as [string, string];
  if (!PUBLIC_TYPES.has(type.replace(/(Connection|Edge)$/, ''))) return `${type} is not for the public`;
  const word = PERSONAL.exec(field)?.[0];
  return word ? `${coordinate} sounds of a person (${word})` : null;
}

/** What is in the records of one person, and who may ever read it; everyone else's answers never hold it. */
export interface Secret {
  readonly what: string;
  readonly text: string;
  readonly readers: readonly string[];
}
const SELF_AND_OFFICE = ['employee', 'hr'];
/** Who reads of work and learning beside them. */
const THOSE_ABOVE = ['supervisor', 'head', 'auditor'];
export const SECRETS: readonly Secret[] = [
  { what: 'identity number', text: '199001012015012901', readers: SELF_AND_OFFICE },
  { what: 'birth date', text: '1990-01-01', readers: SELF_AND_OFFICE },
  { what: 'kind of leave', text: 'CUTI_SAKIT', readers: SELF_AND_OFFICE },
  { what: 'work result', text: 'Berkas selesai', readers: [...SELF_AND_OFFICE, ...THOSE_ABOVE] },
  { what: 'certificate', text: 'LAMA-1', readers: [...SELF_AND_OFFICE, ...THOSE_ABOVE] },
  { what: 'corrected certificate', text: 'MATRIKS-1', readers: [...SELF_AND_OFFICE, ...THOSE_ABOVE] },
  { what: 'plan of a colleague', text: 'Arsip rapi', readers: ['colleague', 'hr', ...THOSE_ABOVE] },
  { what: 'evidence of a colleague', text: 'Buku arsip Mei', readers: ['colleague', 'hr', 'supervisor', 'auditor'] },
  { what: 'unpublished text of a complaint', text: 'kata Pelapor Rahasia', readers: ['officer'] },
  { what: 'reporter', text: '0812-0000-0901', readers: [] },
];
