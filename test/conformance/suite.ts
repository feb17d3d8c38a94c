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

/** The suite names each result folder after the scenario and the time. */
const RESULT_FOLDER = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/

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
export async function runSuite(url: string, scenario?: string): Promise<SuiteRun> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-conformance-'))
  try {
    const which = scenario === undefined ? ['--suite', 'all'] : ['--scenario', scenario]
    const ended = await runNode([SUITE, 'server', '--url', url, ...which, '--output-dir', folder])
    return { ...ended, checks: await readChecks(folder) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function runNode(args: string[]): Promise<{ exitCode: number; output: string }> {
  const hook = 'globSync' in fs ? [] : ['--import', GLOB_SYNC_HOOK]
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...hook, ...args], { timeout: TIMEOUT_MS }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr })
    })
  })
}

async function readChecks(folder: string): Promise<Check[]> {
  const checks: Check[] = []
  for (const run of (await readdir(folder)).sort()) {
    const scenario = RESULT_FOLDER.exec(run)?.[1] ?? run
    const text = await readFile(path.join(folder, run, 'checks.json'), 'utf8')
    for (const { id, status, description, errorMessage = null } of JSON.parse(text) as Check[]) {
      checks.push({ scenario, id, status, description, errorMessage })
    }
  }
  return checks
}
