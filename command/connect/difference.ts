import type { Terminal } from '../../forge/cli/command.ts'
import { paint } from '../terminal.ts'

/**
 * The lines that a change takes away and puts in. Only these: what stands around them is not this command's to show,
 * and a secret that somebody has written into the file is covered.
 */
export function differenceOf(before: string, steps: readonly string[]): string[] {
  return [before, ...steps].flatMap((text, index, texts) => {
    const next = texts[index + 1]
    return next === undefined ? [] : changedLines(text.split(/\r?\n/), next.split(/\r?\n/))
  })
}

export function paintDifference(lines: readonly string[], terminal: Terminal): string[] {
  return lines.map((line) =>
    paint(terminal, line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'dim', line),
  )
}

function changedLines(old: string[], now: string[]): string[] {
  const shorter = Math.min(old.length, now.length)
  let start = 0
  while (start < shorter && old[start] === now[start]) start++
  let end = 0
  while (end < shorter - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++

  const removed = old.slice(start, old.length - end)
  const added = now.slice(start, now.length - end)
  if (removed.length + added.length === 0) return []
  return [
    `@@ line ${start + 1} @@`,
    ...removed.map((line) => `- ${covered(line)}`),
    ...added.map((line) => `+ ${covered(line)}`),
  ]
}

const TOKENS = /\b(ffpat|fft|ffu|ghp|sk)_[\w-]+/g
const CREDENTIALS = /\b(Bearer|Basic)\s+(?!\$)[^\s"']+/gi
/** `"X-Api-Key": "…"`, `API_TOKEN = "…"`: a value that is no reference to a variable. */
const SECRET_FIELDS =
  /(["']?[\w-]*(?:token|secret|password|key|authorization)[\w-]*["']?\s*[:=]\s*["'])(?!\$|Bearer \$)([^"']*)/gi
/** Not a secret, though its name sounds so: it holds the name of a variable. */
const NAMES_A_VARIABLE = /bearer_token_env_var/

function covered(line: string): string {
  const plain = line.replace(TOKENS, '$1_…').replace(CREDENTIALS, '$1 …')
  return NAMES_A_VARIABLE.test(plain) ? plain : plain.replace(SECRET_FIELDS, '$1…')
}
