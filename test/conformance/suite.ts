import { execFile } from 'node:child_process'
import fs from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const SUITE = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
)
/** The run takes 2 s; ten times that on a machine that is busy with other tests. */
const TIMEOUT_MS = 100_000
const GLOB_SYNC_HOOK = fileURLToPath(new URL('./fs-globsync-hook.mjs', import.meta.url))

/** The suite names each result folder after the scenario and the time; scenarios may have a slash in their names. */
const RESULT_FOLDER = /^(?:server-|authorization-server-)?(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/
/** What both SDKs and the everything server speak. */
const REVISION = '2025-11-25'

/** What a check says, without what differs from run to run: times, ports, session ids. */
export interface Check {
  scenario: string
  id: string
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED'
  description: string
  errorMessage: string | null
}

export interface SuiteRun {
  exitCode: number
  output: string
  /** By scenario; within one in the order in which the suite made them. */
  checks: Check[]
}

/** Runs the unmodified suite, or one scenario of it, against an MCP server. */
export function runSuite(url: string, scenario?: string): Promise<SuiteRun> {
  const which = scenario === undefined ? ['--suite', 'all', '--spec-version', REVISION] : ['--scenario', scenario]
  return run(['server', '--url', url, ...which])
}

/** Runs the scenarios for authorization servers against one. @param url its issuer */
export function runAuthorizationSuite(url: string, clientId: string): Promise<SuiteRun> {
  return run(['authorization', '--url', url, '--client-id', clientId])
}

/**
 * Runs the scenarios about authorization against a client, each with a server and an authorization server of its own.
 * @param command is started with the address of the server as its last word
 */
export function runClientSuite(command: string, env: Record<string, string>): Promise<SuiteRun> {
  return run(['client', '--command', command, '--suite', 'auth'], env)
}

async function run(words: readonly string[], env: Record<string, string> = {}): Promise<SuiteRun> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-conformance-'))
  try {
    const ended = await runNode([SUITE, ...words, '--output-dir', folder], env)
    return { ...ended, checks: await readChecks(folder) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function runNode(args: string[], env: Record<string, string>): Promise<{ exitCode: number; output: string }> {
  const hook = 'globSync' in fs ? [] : ['--import', GLOB_SYNC_HOOK]
  const options = { timeout: TIMEOUT_MS, env: { ...process.env, ...env } }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...hook, ...args], options, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr })
    })
  })
}

async function readChecks(folder: string): Promise<Check[]> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => path.basename(name) === 'checks.json')
  const checks: Check[] = []
  for (const file of files.sort()) {
    const result = path.dirname(file)
    const scenario = RESULT_FOLDER.exec(result)?.[1] ?? result
    const text = await readFile(path.join(folder, file), 'utf8')
    for (const { id, status, description, errorMessage = null } of JSON.parse(text) as Check[]) {
      checks.push({ scenario, id, status, description, errorMessage })
    }
  }
  return checks
}
