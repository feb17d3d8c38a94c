import { ForeignKeyConstraintError, UniqueConstraintError } from 'sequelize'

import type { ForgeError } from '../errors/forge-error.ts'

interface Refusals {
  /** What a broken unique rule means; `rule` is the database's message, which names the index or the columns. */
  duplicate?: (rule: string) => ForgeError
  /** What a reference to something that is gone means. */
  missing?: () => ForgeError
}

/**
 * Writes, and turns a broken rule of the schema into a refusal: only the database sees two writers at once, so its
 * word counts and no look beforehand could replace it.
 */
export async function refusingBrokenRules<T>(refusals: Refusals, write: () => PromiseLike<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    throw translate(error, refusals) ?? error
  }
}

function translate(error: unknown, { duplicate, missing }: Refusals): ForgeError | undefined {
  if (error instanceof UniqueConstraintError) return duplicate?.(error.parent.message)
  if (error instanceof ForeignKeyConstraintError) return missing?.()
  return undefined
}
