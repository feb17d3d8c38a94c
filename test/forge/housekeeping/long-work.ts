/** Work that begins and then goes on until the test ends it. `begun` gives the signal that the work was handed. */
export function longWork() {
  let begin: (signal: AbortSignal) => void
  let end: () => void
  const begun = new Promise<AbortSignal>((resolve) => (begin = resolve))
  const ended = new Promise<void>((resolve) => (end = resolve))
  const work = (signal: AbortSignal) => {
    begin(signal)
    return ended
  }
  return { work, begun, end: () => end() }
}
