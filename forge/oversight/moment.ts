import { ForgeError } from '../errors/forge-error.ts'

/**
 * A moment that a caller has named.
 * @throws {ForgeError} invalid_request for one that no calendar has, such as a leap second, or before there were tokens
 */
export function momentOf(name: string, text: string): Date {
  const moment = new Date(text)
  if (!(moment.getTime() >= 0)) throw new ForgeError('invalid_request', `${name} must be after 1970.`)
  return moment
}
