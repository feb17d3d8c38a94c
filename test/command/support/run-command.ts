import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

const BIN = fileURLToPath(new URL('../../../bin/forge-pat.mjs', import.meta.url))

export interface Outcome {
  code: number | null
  out: string
  err: string
}

/** A person's account with nothing in it but the folder of a project. */
export class Account {
  readonly home = mkdtempSync(join(tmpdir(), 'forge-pat-home-'))
  /** Where they work. */
  project = join(this.home, 'work')
  env: Record<string, string> = { HOME: this.home, PATH: process.env['PATH'] ?? '' }

  /** Starts the built command. */
  start(words: readonly string[], env: Record<string, string> = {}): { child: ChildProcess; ended: Promise<Outcome> } {
    const child = spawn(process.execPath, [BIN, ...words], { cwd: this.project, env: { ...this.env, ...env } })
    const said = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said.out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said.err += chunk))
    const ended = new Promise<Outcome>((resolve) => child.on('close', (code) => resolve({ code, ...said })))
    return { child, ended }
  }

  /** Runs the built command to its end. */
  async run(words: string | readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
    const { child, ended } = this.start(typeof words === 'string' ? words.split(' ') : words, env)
    child.stdin?.end()
    return ended
  }

  /** Every file below the home folder, with its text and its mode. */
  files(): { path: string; text: string; mode: number }[] {
    return readdirSync(this.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path, text: readFileSync(path, 'utf8'), mode: statSync(path).mode & 0o777 }))
  }
}

/** An account that goes with the test, unless something else is said to. */
export async function createAccount(atEnd: (clean: () => void) => void = onTestFinished): Promise<Account> {
  const account = new Account()
  mkdirSync(account.project)
  atEnd(() => rmSync(account.home, { recursive: true, force: true }))
  return account
}
