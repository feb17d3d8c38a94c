/**
 * Runs something for whoever asks, so that each gets a run that began after they asked: one run serves all who came
 * before it begins, which is once the one before it is over, and there is never more than one at a time.
 */
export function coalesce<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve()
  let next: Promise<T> | null = null

  const begin = () => {
    next = null
    const begun = run()
    running = begun
    return begun
  }
  return () => (next ??= running.then(begin, begin))
}
