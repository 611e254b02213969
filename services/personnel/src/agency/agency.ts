/** An agency (instansi): a ministry, province, city or regency. Its time zone says when its days begin. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';

export interface Agency {
  readonly id: string;
  readonly name: string;
  /** IANA zone, such as Asia/Jakarta. */
  readonly timeZone: string;
}
export type AgencyEvent = { readonly type: 'AgencyRegistered'; readonly agency: Agency };

/** Most agencies live by Western Indonesian Time (WIB). */
export const DEFAULT_TIME_ZONE = 'Asia/Jakarta';

/**
 * Enters an agency.
 * @throws TEXT_REQUIRED, TEXT_INVALID, TEXT_TOO_LONG on `name`; TIME_ZONE_UNKNOWN on `timeZone`
 */
export function registerAgency(
  id: string,
  input: { readonly name: string; readonly timeZone: string },
): Decision<Agency, AgencyEvent> {
  if (!isTimeZone(input.timeZone)) {
    throw new DomainError('TIME_ZONE_UNKNOWN', 'Give the name of a time zone, such as Asia/Jakarta.', {
      field: 'timeZone',
    });
  }
  const agency = { id, name: requireText(input.name, 'name', { max: 200 }), timeZone: input.timeZone };
  return { state: agency, events: [{ type: 'AgencyRegistered', agency }] };
}

function isTimeZone(name: string): boolean {
  // Offsets such as +07:00 are zones to Intl and none to PostgreSQL, which reads their sign the other way round.
  if (!/^[A-Za-z]/.test(name) || name.length > 64) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
