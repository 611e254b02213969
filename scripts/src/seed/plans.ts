/** The fourth part of the seed: the year's plans (SKP), as they were agreed on paper, and what came of them so far. */
import type { Graph } from '../graph.client.js';
import { type Chance, chanceOf } from './chance.js';
import { importRows, whenKnown } from './graph.js';
import type { Staff } from './staff.js';
import { day, LAST_MONTH, YEAR } from './when.js';

/** A result that work can have, with its indicator: title, name, aspect, least and most target, unit. */
type Work = readonly [title: string, name: string, aspect: string, least: number, most: number, unit: string];

const LEADERS: readonly Work[] = [
  ['Meningkatnya mutu pelayanan unit', 'Kepatuhan pada standar pelayanan', 'QUALITY', 85, 98, 'persen'],
  ['Terlaksananya program kerja unit', 'Laporan kegiatan yang disetujui', 'QUANTITY', 12, 24, 'laporan'],
  ['Terbinanya pegawai', 'Umpan balik yang diberikan', 'QUANTITY', 24, 60, 'umpan balik'],
  ['Terkendalinya anggaran', 'Biaya di atas pagu', 'COST', 2, 5, 'persen'],
];
const STAFF: readonly Work[] = [
  ['Terselesaikannya berkas layanan', 'Berkas yang diselesaikan', 'QUANTITY', 120, 600, 'berkas'],
  ['Tertibnya administrasi', 'Ketepatan data', 'QUALITY', 90, 99, 'persen'],
  ['Cepatnya penyelesaian permohonan', 'Waktu penyelesaian rata-rata', 'TIME', 2, 6, 'hari kerja'],
  ['Tersusunnya laporan', 'Laporan bulanan', 'QUANTITY', 12, 12, 'laporan'],
];
const ADDITIONAL: Work = ['Inovasi layanan', 'Usulan yang diterapkan', 'QUANTITY', 1, 3, 'usulan'];

export async function openPeriod(graph: Graph, { agencyId }: Staff): Promise<void> {
  await whenKnown(() =>
    graph.ask('mutation ($input: OpenPeriodInput!) { openPeriod(input: $input) { period { id } } }', {
      input: { agencyId, year: YEAR, idempotencyKey: `seed-period-${agencyId}` },
    }),
  );
}

interface PlanRow {
  readonly employeeId: string;
  readonly agreedOn: string;
  readonly workResults: readonly ReturnType<typeof workResult>[];
}

/** Nine of ten have a plan, and report on it until the last month. Answers who they are. */
export async function enterPlans(graph: Graph, { seed, agencyId, people }: Staff): Promise<Set<string>> {
  const chance = chanceOf(`plans of ${seed.short}`);
  const plans: PlanRow[] = people
    .filter(({ serviceFrom, leading }) => serviceFrom < day(1, 1) && (leading || chance.isTrue(0.9)))
    .map(({ employeeId, leading }) => ({
      employeeId,
      agreedOn: day(1, chance.between(5, 28)),
      workResults: workResults(chance, leading ? LEADERS : STAFF),
    }));
  const input = { agencyId, year: YEAR };
  await importRows(graph, 'importPlans', 'ImportPlansInput', input, plans, 250);
  const realisations = plans.flatMap((plan) => realisationsOf(chance, plan));
  await importRows(graph, 'importRealisations', 'ImportRealisationsInput', input, realisations);
  return new Set(plans.map(({ employeeId }) => employeeId));
}

function workResults(chance: Chance, kinds: readonly Work[]) {
  const first = chance.between(0, kinds.length - 1);
  const main = Array.from({ length: chance.between(2, 3) }, (_, n) => kinds[(first + n) % kinds.length]!);
  return [
    ...main.map((work) => workResult(chance, work, 'UTAMA')),
    ...(chance.isTrue(0.2) ? [workResult(chance, ADDITIONAL, 'TAMBAHAN')] : []),
  ];
}

const workResult = (chance: Chance, [title, name, aspect, least, most, unit]: Work, kind: string) => ({
  title,
  kind,
  indicators: [
    { name, aspect, target: chance.between(least, most), unit, evidenceSource: 'Laporan bulanan unit kerja' },
  ],
});

const REPORTED = [2, 4, 6, 8, 10, 12].filter((month) => month <= LAST_MONTH);

/** Amounts come every two months, of levels the latest two. Most people do about what they meant to. */
function realisationsOf(chance: Chance, { employeeId, workResults }: PlanRow) {
  const zeal = 0.75 + chance.next() * 0.4;
  return workResults.flatMap(({ title, indicators }) =>
    indicators.flatMap(({ name, aspect, target }) =>
      (aspect === 'QUANTITY' ? REPORTED : REPORTED.slice(-2))
        .map((month) => ({
          employeeId,
          workResult: title,
          indicator: name,
          realisedOn: day(month, chance.between(10, 28)),
          quantity: reached(target, aspect, zeal * (0.9 + chance.next() * 0.2), month),
          evidence: { text: `Laporan bulan ${month}` },
        }))
        .filter(({ quantity }) => quantity > 0),
    ),
  );
}

function reached(target: number, aspect: string, share: number, month: number): number {
  // What two months bring, in whole things: of three in a year, none, one, none, one, …
  if (aspect === 'QUANTITY') {
    return Math.round((target * share * month) / 12) - Math.round((target * share * (month - 2)) / 12);
  }
  if (aspect === 'QUALITY') return Math.min(100, Math.round(target * share));
  // Less is better: who does much needs little.
  return Math.round((target / share) * 10) / 10;
}
