/** The tables that can be imported: their columns, and how a row is told to the graph. */
import type { CellKind } from './cell.js';

export interface Column {
  /** As the first row of the table has it. */
  readonly name: string;
  /** The name of the same thing in the graph. */
  readonly field: string;
  readonly kind: CellKind;
  readonly required: boolean;
  /** The longest text. Characters. */
  readonly max: number;
  /** For the documentation. */
  readonly about: string;
}

export interface Table {
  readonly columns: readonly Column[];
  /** Columns whose cells, taken together, may stand in the file once. */
  readonly key: readonly string[];
  /** Whether a row with an empty cell among them is known by no key. */
  readonly partsRequired?: boolean;
}

const UNIT_KINDS = [
  'PERANGKAT_DAERAH',
  'KECAMATAN',
  'UPTD',
  'KELURAHAN',
  'SEKRETARIAT',
  'BAGIAN',
  'BIDANG',
  'SUBBAGIAN',
  'SUBBIDANG',
  'SEKSI',
  'LAINNYA',
];
const EMPLOYEE_KINDS = ['PNS', 'CPNS', 'PPPK', 'PPPK_PARUH_WAKTU'];
const POSITION_KINDS = ['JPT', 'ADMINISTRATOR', 'PENGAWAS', 'FUNGSIONAL', 'PELAKSANA'];
const ASSIGNMENT_KINDS = ['DEFINITIF', 'PLT', 'PLH', 'RANGKAP'];
/** The nine elements of the satisfaction survey, by code: forms disagree on their order. */
export const ELEMENTS = [
  'persyaratan',
  'prosedur',
  'waktu',
  'biaya',
  'produk',
  'kompetensi',
  'perilaku',
  'pengaduan',
  'sarana',
] as const;

const camel = (name: string) => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const column = (
  name: string,
  kind: CellKind,
  about: string,
  options: { required?: boolean; max?: number } = {},
): Column => ({
  name,
  field: camel(name),
  kind,
  required: options.required ?? true,
  max: options.max ?? 200,
  about,
});
const optional = { required: false };

export const TABLES = {
  units: {
    key: ['code'],
    columns: [
      column('code', 'text', 'The agency’s own code of the unit; by it the unit is known again.', { max: 50 }),
      column('name', 'text', 'Its public name.'),
      column(
        'parent_code',
        'text',
        'The code of the unit above it, in this table or already there; empty for the top.',
        { required: false, max: 50 },
      ),
      column('kind', UNIT_KINDS, 'What it is.'),
      column('valid_from', 'date', 'Its first day.'),
    ],
  },
  employees: {
    key: ['nip', 'unit_code', 'position_title', 'valid_from'],
    columns: [
      column('nip', 'nip', 'NIP or NI PPPK, 18 digits; by it the person is known again.', { max: 18 }),
      column('name', 'text', 'Their name.'),
      column('kind', EMPLOYEE_KINDS, 'What they are.'),
      column('service_from', 'date', 'First day of service in the agency’s records.'),
      column('contract_from', 'date', 'First day of the present contract; PPPK only.', optional),
      column('contract_to', 'date', 'Last day of the present contract; PPPK only.', optional),
      column('unit_code', 'text', 'The code of their unit; empty for who holds no position.', {
        required: false,
        max: 50,
      }),
      column('position_title', 'text', 'The position; found in the unit by this, or made.', optional),
      column('position_kind', POSITION_KINDS, 'What the position is.', optional),
      column('leading', 'yes/no', 'Whether the position leads the unit.', optional),
      column('assignment_kind', ASSIGNMENT_KINDS, 'How it is held; DEFINITIF when empty.', optional),
      column('decree_number', 'text', 'The number of the decree (SK).', { required: false, max: 100 }),
      column('decree_date', 'date', 'The date of the decree.', optional),
      column('valid_from', 'date', 'The first day in the position (TMT).', optional),
    ],
  },
  training: {
    key: ['certificate_number'],
    columns: [
      column('nip', 'nip', 'NIP or NI PPPK of who finished it.', { max: 18 }),
      column('course_code', 'text', 'The course, by its code in the agency’s catalogue.', { max: 50 }),
      column('session_code', 'text', 'The session, by its code in the course.', { required: false, max: 50 }),
      column('hours', 'decimal', 'Learning hours (JP) on the certificate.'),
      column('certificate_number', 'text', 'Unique for its provider; by it the training is known again.', { max: 100 }),
      column('starts_on', 'date', 'First day.'),
      column('ends_on', 'date', 'Last day.'),
      column('completed_at', 'date', 'The day on which it was finished; the last day when empty.', optional),
      column('verified', 'yes/no', 'Whether an officer has seen the proof; yes when empty.', optional),
    ],
  },
  survey: {
    key: ['service_code', 'batch_code', 'number'],
    partsRequired: true,
    columns: [
      column('service_code', 'text', 'The agency’s own short name of the public service.', { max: 50 }),
      column(
        'batch_code',
        'text',
        'The batch’s code as it is printed on the form; without it the answer is kept and does not count.',
        { required: false, max: 50 },
      ),
      column('number', 'integer', 'The form’s number; by batch and number it is known again.', optional),
      column('answered_on', 'date', 'The day on which it was filled in.'),
      ...ELEMENTS.map((element) => column(element, 'integer', 'The answer, from 1 (worst) to 4 (best).')),
    ],
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof TABLES;
