import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'

import type { Terminal } from '../forge/cli/command.ts'

/** The terminal of a process. Colours only where a person looks, and where they don't mind (https://no-color.org). */
export function terminalOf({ env, cwd, stdin, stdout, stderr }: NodeJS.Process): Terminal {
  return {
    env,
    folder: cwd(),
    colours: stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    print: (line) => void stdout.write(`${line}\n`),
    complain: (line) => void stderr.write(`${line}\n`),
    ask: stdin.isTTY && stderr.isTTY ? askOn(stdin, stderr) : null,
  }
}

function askOn(input: NodeJS.ReadStream, output: NodeJS.WriteStream): (question: string) => Promise<boolean> {
  return async (question) => {
    const lines = createInterface({ input, output })
    // Readline keeps Ctrl-C to itself. Nothing is half done while a question is open.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    // Ctrl-D closes without an answer, which some versions of Node report as an error and others not at all.
    const none = once(lines, 'close').then(() => '')
    const answer = lines.question(`${question} [y/N] `).catch(() => '')
    try {
      return /^y(es)?$/i.test((await Promise.race([answer, none])).trim())
    } finally {
      lines.close()
    }
  }
}

const COLOURS = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' } as const

/** The text in a colour, where there are colours. */
export function paint({ colours }: Terminal, colour: keyof typeof COLOURS, text: string): string {
  return colours ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text
}

/** A text of somebody else's as one harmless line: control characters could steer the terminal. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim()
