import { SCOPES } from '../contract/introspection.ts'
import { ForgeError } from '../errors/forge-error.ts'

const KNOWN: readonly string[] = Object.values(SCOPES)

/** Whether a wished scope asks for reading alone; without one it does. @throws {ForgeError} invalid_scope */
export function isReadingScope(scope: string | undefined): boolean {
  const names = (scope ?? SCOPES.read).split(' ').filter((name) => name !== '')
  if (!names.every((name) => KNOWN.includes(name))) {
    throw new ForgeError('invalid_scope', `The scopes are ${KNOWN.join(' and ')}.`)
  }
  return !names.includes(SCOPES.write)
}

export function scopeOf({ readOnly }: { readOnly: boolean }): string {
  return readOnly ? SCOPES.read : `${SCOPES.read} ${SCOPES.write}`
}
