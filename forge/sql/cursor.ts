import { ForgeError } from '../errors/forge-error.ts'
import type { RawTime } from './rows.ts'
import { toEpochMs } from './time.ts'

/** Where a page of a list ended that is ordered by time and, at one time, by id: the next one begins there. */
export interface Place {
  createdAt: Date
  id: string
}

export function writeCursor({ createdAt, id }: { createdAt: RawTime; id: string }): string {
  return `${toEpochMs(createdAt)}_${id}`
}

/** @throws {ForgeError} invalid_request for a cursor that no list gave out */
export function readCursor(cursor: string): Place {
  const [time, id] = /^(\d{1,13})_([0-9a-f-]{36})$/.exec(cursor)?.slice(1) ?? []
  if (!time || !id) throw unknownCursor()
  return { createdAt: new Date(Number(time)), id }
}

export const unknownCursor = () =>
  new ForgeError('invalid_request', 'This cursor is not one that a list gave out. Start again without one.')
