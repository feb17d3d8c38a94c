import type { ParseArgsConfig } from 'node:util'

import type { Environment } from '../host/config-error.ts'

/** What a command says by its exit code: as grep does, 1 is an answer and 2 is trouble. */
export const EXIT = { ok: 0, found: 1, trouble: 2 } as const

/** Where a command reads and writes. */
export interface Terminal {
  env: Environment
  /** The folder in which it was called. */
  folder: string
  /** Whether a person sees what is printed, in colours that they have not switched off. */
  colours: boolean
  /** A line of the result. */
  print(line: string): void
  /** A line about the run itself. */
  complain(line: string): void
  /** Whether the person says yes; null where there is nobody to ask. */
  ask: ((question: string) => Promise<boolean>) | null
}

export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>

export interface Command {
  /** As it is typed: `audit verify`. */
  name: string
  /** What follows it besides options, for the usage line: `<client>`. */
  arguments?: string
  /** What `--help` says below the usage line. */
  help: string
  /** Besides `--help` and `--json`, which every command knows. */
  options: NonNullable<ParseArgsConfig['options']>
  /** @returns the exit code */
  run(values: Values, terminal: Terminal, words: string[]): Promise<number>
}

/** The command was typed in a way that it does not know. The message says so to a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
