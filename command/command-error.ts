import { EXIT } from '../forge/cli/command.ts'

/** A person can mend it, or has to know it: one or two sentences, which never hold a secret. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, { exitCode = EXIT.trouble, cause }: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause })
    this.exitCode = exitCode
  }
}
