import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** What has to be ended or taken away when the benchmark ends, however it ends. */
export interface Ending {
  defer(work: () => Promise<unknown> | undefined): void
  /** The latest first. A second call waits for the first. */
  run(): Promise<void>
}

export function createEnding(): Ending {
  const deferred: (() => Promise<unknown> | undefined)[] = []
  let running: Promise<void> | null = null

  const runAll = async () => {
    for (let work = deferred.pop(); work; work = deferred.pop()) {
      // One that cannot be ended any more, such as a database whose server is gone, must not keep the others.
      await Promise.resolve(work()).catch(() => undefined)
    }
  }
  return {
    defer: (work) => void deferred.push(work),
    run: () => (running ??= runAll().finally(() => (running = null))),
  }
}

/** A server in a process of its own. */
export interface Server {
  url: string
  /** Processor time since its start, in microseconds. */
  spent(): Promise<number>
  /** In bytes, of a server that was started with `--expose-gc`. */
  memory(): Promise<Memory>
  ask<Answer>(question: string): Promise<Answer>
  stop(): Promise<void>
}

export interface Memory {
  rss: number
  /** On the heap and beside it, after everything that can be freed was freed. */
  used: number
}

/** Starts a script of this folder that calls `announce`. @throws {Error} when it ends before it is ready */
export async function startServer(script: string, args: string[], execArgv: string[] = []): Promise<Server> {
  const child = fork(join(import.meta.dirname, script), args, { execArgv })
  const url = await heard<string>(child)
  const ask = <Answer>(question: string) => {
    const answer = heard<Answer>(child)
    child.send(question)
    return answer
  }
  return {
    url,
    ask,
    spent: () => ask<number>('spent'),
    memory: () => ask<Memory>('memory'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

export async function heard<Message>(child: ChildProcess): Promise<Message> {
  const gaveUp = new AbortController()
  const ended = once(child, 'exit', { signal: gaveUp.signal }).then(() => {
    throw new Error(`${child.spawnargs[1]} has ended`)
  })
  try {
    return (await Promise.race([once(child, 'message', { signal: gaveUp.signal }), ended]))[0] as Message
  } finally {
    gaveUp.abort()
    ended.catch(() => undefined)
  }
}
