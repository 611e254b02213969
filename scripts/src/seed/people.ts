/** The invented people of an agency: who they are, which number they have, and which position they hold. */
import { type Chance, chanceOf } from './chance.js';
import { GIVEN, MONONYMS, SECOND } from './names.js';
import type { AgencySeed, DepartmentSeed } from './organisations.js';

export interface UnitSeed {
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  readonly parentCode: string | null;
  readonly validFrom: string;
}
/** A row of `importEmployees`. */
export interface PersonSeed {
  readonly nip: string;
  readonly name: string;
  readonly kind: 'PNS' | 'CPNS' | 'PPPK' | 'PPPK_PARUH_WAKTU';
  readonly serviceFrom: string;
  readonly contractFrom: string | null;
  readonly contractTo: string | null;
  readonly unitCode: string;
  readonly positionTitle: string;
  readonly positionKind: 'JPT' | 'ADMINISTRATOR' | 'PENGAWAS' | 'FUNGSIONAL' | 'PELAKSANA';
  readonly leading: boolean;
  readonly assignmentKind: 'DEFINITIF' | 'PLT' | 'PLH';
  readonly decreeNumber: string;
  readonly decreeDate: string;
  readonly validFrom: string;
}

const TOP = 'PEMDA';
/** All units have been there since before the first year that is seeded. */
const FOUNDED = '2020-01-01';

/** The units of an agency, those above before those below. */
export function unitsOf(agency: AgencySeed): UnitSeed[] {
  const unit = (code: string, name: string, kind: string, parentCode: string | null) => ({
    ...{ code, name, kind, parentCode },
    validFrom: FOUNDED,
  });
  return [
    unit(TOP, agency.name, 'LAINNYA', null),
    ...agency.departments.flatMap(({ code, name, divisions }) => [
      unit(code, name, 'PERANGKAT_DAERAH', TOP),
      unit(`${code}-SEK`, `Sekretariat ${code}`, 'SEKRETARIAT', code),
      ...divisions.map((division, n) => unit(`${code}-B${n + 1}`, `Bidang ${division}`, 'BIDANG', code)),
    ]),
    ...agency.districts.map((name) => unit(districtCode(name), `Kecamatan ${name}`, 'KECAMATAN', TOP)),
  ];
}

const districtCode = (name: string) => `KEC-${name.toUpperCase().replaceAll(' ', '-')}`;

/** The people of an agency, each unit's head first. */
export function peopleOf(agency: AgencySeed): PersonSeed[] {
  const chance = chanceOf(`people of ${agency.short}`);
  const taken = new Set<string>();
  const person = (post: Post) => draw(chance, taken, post);
  return [
    person({ unitCode: TOP, title: 'Sekretaris Daerah', kind: 'JPT', leading: true }),
    ...agency.departments.flatMap((department) => postsOf(chance, department).map(person)),
    ...agency.districts.flatMap((name) => districtPosts(chance, name, agency.districtStaff).map(person)),
  ];
}

interface Post {
  readonly unitCode: string;
  readonly title: string;
  readonly kind: PersonSeed['positionKind'];
  readonly leading: boolean;
}

function postsOf(chance: Chance, { code, head, divisions, staff }: DepartmentSeed): Post[] {
  const below = [`${code}-SEK`, ...divisions.map((_, n) => `${code}-B${n + 1}`)];
  // Those at the counters belong to no division.
  const places = [code, ...below];
  return [
    { unitCode: code, title: head, kind: 'JPT', leading: true },
    { unitCode: below[0]!, title: `Sekretaris ${code}`, kind: 'ADMINISTRATOR', leading: true },
    ...divisions.map((division, n) => ({
      unitCode: below[n + 1]!,
      title: `Kepala Bidang ${division}`,
      kind: 'ADMINISTRATOR' as const,
      leading: true,
    })),
    ...Array.from({ length: staff }, (_, n) => ({ unitCode: places[n % places.length]!, ...staffPost(chance, code) })),
  ];
}

const districtPosts = (chance: Chance, name: string, staff: number): Post[] => [
  { unitCode: districtCode(name), title: `Camat ${name}`, kind: 'ADMINISTRATOR', leading: true },
  ...Array.from({ length: staff }, () => ({ unitCode: districtCode(name), ...staffPost(chance, 'KEC') })),
];

const PROFESSIONS: Readonly<Record<string, readonly string[]>> = {
  DISDIK: ['Guru Ahli Pertama', 'Guru Ahli Muda', 'Pengawas Sekolah Ahli Madya'],
  DISDIKBUD: ['Guru Ahli Pertama', 'Guru Ahli Muda', 'Pamong Budaya Ahli Muda'],
  DINKES: ['Epidemiolog Kesehatan Ahli Pertama', 'Bidan Terampil', 'Sanitarian Terampil'],
  RSUD: ['Perawat Terampil', 'Perawat Ahli Pertama', 'Dokter Ahli Muda', 'Bidan Mahir'],
  INSPEKTORAT: ['Auditor Ahli Pertama', 'Auditor Ahli Muda', 'PPUPD Ahli Muda'],
  DISKOMINFO: ['Pranata Komputer Ahli Pertama', 'Pranata Humas Ahli Muda'],
};
const ANYWHERE = ['Analis Kebijakan Ahli Muda', 'Perencana Ahli Pertama', 'Arsiparis Terampil'];
const EXECUTORS = [
  'Penata Layanan Operasional',
  'Pengolah Data dan Informasi',
  'Pengadministrasi Perkantoran',
  'Operator Layanan Operasional',
];

function staffPost(chance: Chance, code: string): Omit<Post, 'unitCode'> {
  const professional = chance.isTrue(PROFESSIONS[code] ? 0.6 : 0.25);
  return professional
    ? { title: chance.pick(PROFESSIONS[code] ?? ANYWHERE), kind: 'FUNGSIONAL', leading: false }
    : { title: chance.pick(EXECUTORS), kind: 'PELAKSANA', leading: false };
}

function draw(chance: Chance, taken: Set<string>, post: Post): PersonSeed {
  const sex = chance.isTrue(0.5) ? 'FEMALE' : 'MALE';
  const roll = chance.next();
  // Who leads is a civil servant for life.
  const kind = post.leading || roll < 0.68 ? 'PNS' : roll < 0.74 ? 'CPNS' : roll < 0.94 ? 'PPPK' : 'PPPK_PARUH_WAKTU';
  const { nip, serviceFrom } = numberOf(chance, taken, { kind, sex, senior: post.leading });
  const contracted = kind === 'PPPK' || kind === 'PPPK_PARUH_WAKTU';
  const acting = post.leading && chance.isTrue(0.18);
  const validFrom =
    contracted || kind === 'CPNS' ? serviceFrom : `${chance.between(2021, 2025)}-0${chance.between(1, 9)}-01`;
  const name = chance.isTrue(0.1) ? chance.pick(MONONYMS[sex]) : `${chance.pick(GIVEN[sex])} ${chance.pick(SECOND)}`;
  return {
    ...{ nip, name, kind, serviceFrom },
    contractFrom: contracted ? serviceFrom : null,
    contractTo: contracted ? `${Number(serviceFrom.slice(0, 4)) + 5}-02-28` : null,
    unitCode: post.unitCode,
    positionTitle: post.title,
    positionKind: post.kind,
    leading: post.leading,
    assignmentKind: acting ? (chance.isTrue(0.8) ? 'PLT' : 'PLH') : 'DEFINITIF',
    decreeNumber: `800.1.3/${chance.between(100, 999)}/${validFrom.slice(0, 4)}`,
    decreeDate: validFrom,
    validFrom,
  };
}

const two = (n: number) => String(n).padStart(2, '0');

/** A valid NIP or NI PPPK that is nobody's: serials from 900 on are not given out. */
function numberOf(chance: Chance, taken: Set<string>, who: { kind: PersonSeed['kind']; sex: string; senior: boolean }) {
  for (;;) {
    const born = who.senior ? chance.between(1969, 1980) : chance.between(1974, 2000);
    const birth = `${born}${two(chance.between(1, 12))}${two(chance.between(1, 28))}`;
    const { digits, serviceFrom } = entryOf(chance, who.kind, born);
    const nip = `${birth}${digits}${who.sex === 'MALE' ? 1 : 2}${chance.between(901, 999)}`;
    if (taken.has(nip)) continue;
    taken.add(nip);
    return { nip, serviceFrom };
  }
}

/** Digits 9 to 14 of the number, and the day on which service began. */
function entryOf(chance: Chance, kind: PersonSeed['kind'], born: number): { digits: string; serviceFrom: string } {
  switch (kind) {
    case 'PNS': {
      const year = Math.min(2019, born + chance.between(22, 30));
      const month = two(chance.pick([1, 3, 4, 12]));
      return { digits: `${year}${month}`, serviceFrom: `${year}-${month}-01` };
    }
    case 'CPNS':
      return { digits: '202506', serviceFrom: '2025-06-01' };
    case 'PPPK':
    case 'PPPK_PARUH_WAKTU': {
      const year = kind === 'PPPK' ? chance.pick([2022, 2023, 2024]) : 2025;
      return { digits: `${year}21`, serviceFrom: `${year}-03-01` };
    }
    default:
      return kind satisfies never;
  }
}
