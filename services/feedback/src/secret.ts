/**
 * Secrets that people carry: a survey's single-use token, a complaint's secret.
 *
 * Each is made from a key and an id, so that a request that is repeated with the same idempotency key gets the same
 * secret, though none is stored. Nobody can guess one: they have 256 bits.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const secretOf = (key: Buffer, about: string): string => createHmac('sha256', key).update(about).digest('base64url');

/** The tokens of a batch, in order. */
export const tokensOf = (key: Buffer, batchId: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => secretOf(key, `survey/${batchId}/${i + 1}`));

/** What is stored of a token. A fast hash will do, for there is nothing to guess. */
export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** What lets the sender of a complaint read its answer and reopen it. */
export const complaintSecret = (key: Buffer, complaintId: string): string => secretOf(key, `complaint/${complaintId}`);

/** Whether the secret opens the complaint; takes as long whichever character is wrong. */
export function opens(key: Buffer, complaintId: string, secret: string): boolean {
  return timingSafeEqual(hashOf(complaintSecret(key, complaintId)), hashOf(secret));
}

/** Letters and digits that are not taken for each other: no I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A number for people to write down, of as many characters as there are bytes, from random bytes. */
export const publicNumber = (bytes: Uint8Array): string => [...bytes].map((byte) => ALPHABET[byte % 32]).join('');

/** The number as it was given out, from how somebody typed it. */
export const readNumber = (text: string): string =>
  text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
