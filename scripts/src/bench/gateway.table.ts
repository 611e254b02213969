/** The bench's figures as a table: each beside the stock gateway's of the same document, or the limit's. */
import { mib } from './figure.js';
import type { Measured } from './gateway.measure.js';

export interface Row {
  readonly document: string;
  readonly contender: string;
  /** As fast as it goes. */
  readonly closed: Measured;
  /** Requests a second at which `open` was measured. */
  readonly rate: number;
  readonly open: Measured;
}

const HEAD = [
  'Document',
  'Who',
  'Answers/s',
  'to stock',
  'p50, p99 at a fixed rate',
  'CPU: gateway + services + database',
  'gateway’s CPU to stock',
  'Memory',
];

/** In Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(HEAD) + line(HEAD.map(() => '---')) + rows.map((row) => line(cellsOf(row, rows))).join('');
}

function cellsOf({ document, contender, closed, rate, open }: Row, rows: readonly Row[]): string[] {
  const stock = rows.find((row) => row.document === document && row.contender.startsWith('stock'))?.closed;
  const to = (own: number, other: number | undefined) => (other ? `${(own / other).toFixed(2)} ×` : '–');
  const { gateway, services, database } = closed.cpu;
  return [
    document,
    contender,
    closed.perSecond.toFixed(0),
    to(closed.perSecond, stock?.perSecond),
    `${open.p50.toFixed(1)}, ${open.p99.toFixed(1)} ms at ${rate.toFixed(0)}/s${open.unsent > 0 ? ' (behind)' : ''}`,
    `${gateway.toFixed(2)} + ${services.toFixed(2)} + ${database.toFixed(2)} ms`,
    to(gateway, stock?.cpu.gateway),
    mib(closed.memory),
  ];
}
