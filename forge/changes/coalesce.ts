/**
 * Runs something for whoever asks, so that each gets a run that began after they asked: one run serves all who came
 * while the one before it was under way, and there is never more than one at a time.
 */
export function coalesce<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  let next: Promise<T> | null = null

  const start = () => {
    const started = run().finally(() => {
      running = null
    })
    running = started
    return started
  }

  return () => {
    if (!running) return start()
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null
        return running ?? start()
      })
    return next
  }
}
