/** A setting that keeps the forge from starting: one sentence, which names the variable and never repeats its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export type Environment = Record<string, string | undefined>
