import { randomUUID } from 'node:crypto'

/** A UUID of version 7 (RFC 9562 section 5.7): sorts by time. @param now epoch ms */
export function uuid7(now: number): string {
  const time = now.toString(16).padStart(12, '0')
  // Of a random one what version 4 has at random too, and the same variant.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
