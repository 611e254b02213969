import { createHash } from 'node:crypto';

/**
 * The lines on which keys were seen, in 12 bytes a key whatever its length: a file of a million rows must not be
 * held in memory to find a number that stands in it twice. Keys are known by 64 bits of their SHA-256.
 */
export interface Seen {
  /** The line on which this key was seen before; null for a new one, which is then remembered. */
  lineOf(key: string, line: number): number | null;
}

export function rememberKeys(): Seen {
  let slots = new Uint32Array(3 * 1024);
  let count = 0;
  const place = (table: Uint32Array, high: number, low: number): number => {
    const capacity = table.length / 3;
    let slot = low % capacity;
    while (table[3 * slot + 2] !== 0 && (table[3 * slot] !== high || table[3 * slot + 1] !== low))
      slot = (slot + 1) % capacity;
    return 3 * slot;
  };
  const grow = () => {
    const larger = new Uint32Array(slots.length * 2);
    for (let at = 0; at < slots.length; at += 3) {
      if (slots[at + 2] === 0) continue;
      larger.set(slots.subarray(at, at + 3), place(larger, slots[at]!, slots[at + 1]!));
    }
    slots = larger;
  };
  return {
    lineOf(key, line) {
      const digest = createHash('sha256').update(key).digest();
      const [high, low] = [digest.readUInt32LE(0), digest.readUInt32LE(4)];
      const at = place(slots, high, low);
      if (slots[at + 2] !== 0) return slots[at + 2]!;
      slots.set([high, low, line], at);
      count += 1;
      if (count * 3 * 1.5 > slots.length) grow();
      return null;
    },
  };
}
