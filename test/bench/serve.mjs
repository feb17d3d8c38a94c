/** What the servers of the benchmarks have in common: they run as published, each in a process of its own. */

const ANSWERS = {
  /** Processor time since the start, in microseconds. */
  spent: () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  /** What is still in use after everything that can be freed was freed, in bytes; needs `--expose-gc`. */
  memory: () => {
    for (let again = 0; again < 3; again++) globalThis.gc()
    const { rss, heapUsed, external } = process.memoryUsage()
    return { rss, used: heapUsed + external }
  },
}

/** Tells the parent the address, answers its questions, and ends with it. Ctrl-C is the parent's to hear. */
export function announce(url, close = async () => {}) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
  process.on('message', (question) => question in ANSWERS && process.send(ANSWERS[question]()))
  process.on('disconnect', () => void close().finally(() => process.exit()))
  process.send(url)
}
