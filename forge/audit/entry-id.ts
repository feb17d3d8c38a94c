import { randomBytes } from 'node:crypto'

/** Twelve bits of the id count within a millisecond. */
const COUNTS = 0x1000

/**
 * Makes ids that sort by time: UUID version 7 (RFC 9562 section 5.7), with a counter that keeps what one process
 * writes within one millisecond in order (section 6.2, method 1).
 */
export function createEntryIds(): (now: number) => string {
  let last = 0
  let count = 0

  return (now) => {
    count = now === last ? (count + 1) % COUNTS : 0
    last = now

    const random = randomBytes(8)
    random[0] = ((random[0] ?? 0) & 0x3f) | 0x80
    const time = timePart(now)
    const tail = random.toString('hex')
    return `${time}-7${hex(count, 3)}-${tail.slice(0, 4)}-${tail.slice(4)}`
  }
}

/** The lowest id that an entry of this moment, or of a later one, can have. @param at epoch ms */
export function lowestIdAt(at: number): string {
  return `${timePart(at)}-0000-0000-000000000000`
}

/** @param at epoch ms, within the 48 bits that the format has for it */
function timePart(at: number): string {
  const time = hex(Math.min(Math.max(at, 0), 2 ** 48 - 1), 12)
  return `${time.slice(0, 8)}-${time.slice(8)}`
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
