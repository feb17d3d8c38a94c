/** @returns what stops the server that was started, if one was */
export function setup(): Promise<(() => Promise<void>) | undefined>

export interface OwnPostgres {
  url: string
  /** Ends it as PostgreSQL calls it: `fast` hangs up on everybody, `immediate` is a crash that it recovers from. */
  halt(mode: 'fast' | 'immediate'): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

/** A server of a test's own, that it may stop and start. */
export function startOwnPostgres(): Promise<OwnPostgres>
