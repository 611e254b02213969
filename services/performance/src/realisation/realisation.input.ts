/** What a client writes of a realisation → the words of the rules. */
import { DomainError, requireText } from '@merit/chassis/errors';
import { requireQuantity } from '../plan/quantity.js';
import type { Evidence, Report } from './realisation.js';

export interface ReportInput {
  readonly quantity: number;
  readonly realisedOn: string;
  readonly evidence: { readonly text?: string | null; readonly url?: string | null };
}

/** @throws QUANTITY_INVALID, TEXT_TOO_LONG, TEXT_INVALID, URL_INVALID */
export const reportFrom = ({ quantity, realisedOn, evidence }: ReportInput): Omit<Report, 'id' | 'reportedAt'> => ({
  quantity: requireQuantity(quantity, 'quantity'),
  realisedOn,
  evidence: evidenceFrom(evidence),
});

const evidenceFrom = ({ text, url }: ReportInput['evidence']): Evidence => ({
  text: text?.trim() ? requireText(text, 'evidence.text', { max: 2000, lines: true }) : null,
  url: url?.trim() ? requireUrl(requireText(url, 'evidence.url', { max: 2000 })) : null,
});

/** A link that a browser opens; `javascript:` and the like are none. */
function requireUrl(url: string): string {
  if (URL.canParse(url) && /^https?:\/\//i.test(url)) return url;
  throw new DomainError('URL_INVALID', 'Give a link that begins with https://.', { field: 'evidence.url' });
}
