import { ForgeUnavailableError } from './forge-api.ts'

/** Logs each trouble once, when it begins, and its end. Told an error, or null when all is well. */
export function troubleLog(
  log: (message: string) => void,
  { unexpected, over }: { unexpected: string; over: string },
): (error: unknown) => void {
  let trouble: string | null = null

  return (error) => {
    if (error === null) {
      if (trouble !== null) log(over)
      trouble = null
      return
    }
    const message = error instanceof ForgeUnavailableError ? error.message : unexpected
    if (message !== trouble) log(message)
    trouble = message
  }
}
