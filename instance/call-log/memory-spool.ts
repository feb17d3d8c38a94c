import type { Segment, Spool } from './spool.ts'

/** For an instance without a folder of its own: what was not reported ends with the process. */
export function memorySpool(): Spool {
  let current: string[] = []
  let bytes = 0
  const sealed = new Set<Segment>()

  return {
    append: (lines) => {
      for (const line of lines) bytes += line.length
      current.push(...lines)
    },
    bytes: () => bytes,
    seal: () => {
      if (current.length > 0) {
        const lines = current
        current = []
        const segment: Segment = {
          read: () => lines,
          remove: () => {
            if (sealed.delete(segment)) for (const line of lines) bytes -= line.length
          },
        }
        sealed.add(segment)
      }
      return [...sealed]
    },
    close: () => undefined,
  }
}
