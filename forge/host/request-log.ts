import type { FastifyBaseLogger, FastifyServerOptions } from 'fastify'

/** Gives each request a log that names it, which is made when it writes its first line: hardly any request does. */
export const requestLog: NonNullable<FastifyServerOptions['childLoggerFactory']> = (logger, bindings, options) =>
  new RequestLog(() => logger.child(bindings, options))

class RequestLog implements FastifyBaseLogger {
  readonly #make: () => FastifyBaseLogger
  #made: FastifyBaseLogger | null = null

  constructor(make: () => FastifyBaseLogger) {
    this.#make = make
  }

  get #log(): FastifyBaseLogger {
    return (this.#made ??= this.#make())
  }
  get level(): FastifyBaseLogger['level'] {
    return this.#log.level
  }
  set level(level) {
    this.#log.level = level
  }

  fatal(...line: unknown[]): void {
    this.#write('fatal', line)
  }
  error(...line: unknown[]): void {
    this.#write('error', line)
  }
  warn(...line: unknown[]): void {
    this.#write('warn', line)
  }
  info(...line: unknown[]): void {
    this.#write('info', line)
  }
  debug(...line: unknown[]): void {
    this.#write('debug', line)
  }
  trace(...line: unknown[]): void {
    this.#write('trace', line)
  }
  silent(...line: unknown[]): void {
    this.#write('silent', line)
  }
  child(...made: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.#log.child(...made)
  }

  #write(level: Exclude<keyof FastifyBaseLogger, 'level' | 'child'>, line: unknown[]): void {
    const write: (...line: unknown[]) => void = this.#log[level]
    write.apply(this.#log, line)
  }
}
