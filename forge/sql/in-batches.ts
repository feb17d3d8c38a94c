/** Reads of one kind that are under way at most: while they are, who asks is gathered for the next one. */
const AT_ONCE = 2
const MAX_OF_ONE = 64

interface Waiting<Key, Answer> {
  key: Key
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

/**
 * Answers each who asks, and reads for all together who ask at the same time: the way to the database takes longer than
 * the reading. A read begins after it was asked for, so that an answer is as new as if nobody else had asked.
 * @param readAll the answers in the order of the keys; when it fails, it fails for all of them
 * @param pauseMs between the beginnings of two reads unless there is a whole batch, for what many may ask for and nobody
 *   is in a hurry to know
 */
export function inBatches<Key, Answer>(
  readAll: (keys: Key[]) => Promise<Answer[]>,
  { pauseMs = 0 } = {},
): (key: Key) => Promise<Answer> {
  const waiting: Waiting<Key, Answer>[] = []
  let underWay = 0
  let isDue = false
  let lastBeganAt = -Infinity

  /** Once the process has heard of all that has come by now, or by the end of the pause. */
  const readSoon = () => {
    if (isDue || underWay >= AT_ONCE || waiting.length === 0) return
    isDue = true
    const pause = lastBeganAt + pauseMs - performance.now()
    const isFull = waiting.length >= MAX_OF_ONE
    if (pause > 0 && !isFull) setTimeout(begin, pause)
    else setImmediate(begin)
  }
  const begin = () => {
    isDue = false
    lastBeganAt = performance.now()
    void read(waiting.splice(0, MAX_OF_ONE))
    readSoon()
  }
  const read = async (batch: Waiting<Key, Answer>[]) => {
    underWay += 1
    try {
      const answers = await readAll(batch.map(({ key }) => key))
      batch.forEach(({ resolve }, n) => resolve(answers[n] as Answer))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      underWay -= 1
      readSoon()
    }
  }

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject })
      readSoon()
    })
}
