import { fork } from 'node:child_process'
import { join } from 'node:path'

import { heard } from './processes.ts'

/** Connections that send the same kind of request. */
export interface LoadGroup {
  connections: number
  /** Whole HTTP requests, sent in this order, over and over. */
  requests: string[]
  /** How an answer may begin: its status, a space, and its body. */
  accept: string[]
  /** Ends after so many. */
  amount?: number
  /** Not as fast as it can, but so many a second. */
  perSecond?: number
}

export interface Job {
  url: string
  seconds: number
  groups: LoadGroup[]
  /** Keeps the generator from sleeping; where the database needs the processor too, it may. */
  awake?: boolean
}

export interface GroupResult {
  answered: number
  /** Answers in a second. */
  rate: number
  /** Milliseconds that half of the answers took at most, and 99 of 100. */
  p50: number
  p99: number
}

export interface LoadResult {
  groups: GroupResult[]
  /** How much of one processor the generator took itself. */
  busy: number
}

export interface Load {
  run(job: Job): Promise<LoadResult>
  stop(): void
}

export function startLoad(): Load {
  const child = fork(join(import.meta.dirname, 'load.mjs'), { execArgv: [] })
  return {
    async run(job) {
      const answer = heard<LoadResult | { error: string }>(child)
      child.send(job)
      const result = await answer
      if ('error' in result) throw new Error(`${job.url}: ${result.error}`)
      return result
    },
    stop: () => child.disconnect(),
  }
}

/** An introspection as it stands on the wire. */
export function introspection(credential: string, token: string): string {
  const body = `token=${token}`
  return [
    'POST /oauth/introspect HTTP/1.1',
    'host: 127.0.0.1',
    `authorization: ${credential}`,
    'content-type: application/x-www-form-urlencoded',
    `content-length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}
