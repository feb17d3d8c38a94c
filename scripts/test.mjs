/**
 * Everything that must hold, stage by stage (`npm test`): goes on after a failing stage so that one run tells all,
 * and exits non-zero if any failed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

import { ensureChromium } from './chromium.mjs'
import { ensureNginx } from './nginx.mjs'
import { ensurePostgres } from './postgres.mjs'
import { ensureSlapd } from './slapd.mjs'

const VITEST_REPORT = 'test-results/vitest.json'
const BROWSER_REPORT = 'test-results/playwright.json'
const FLOWFUSE_REPORT = 'test-results/flowfuse.json'

// Beside the stages before it is needed: it is mostly the network that it waits for. In CI nothing is kept.
const flowfuseFolder = process.env.CI ? mkdtempSync(join(tmpdir(), 'forge-pat-flowfuse-')) : undefined
process.once('exit', () => flowfuseFolder && rmSync(flowfuseFolder, { recursive: true, force: true }))
const flowfuse = installFlowFuse()

// Each beside the stage before it, since neither of the two keeps two processors busy.
let lint
let flowfuseTests

const STAGES = [
  { name: 'build', run: () => npm('build', '--if-stale'), needed: true },
  {
    name: 'types',
    run: () => {
      lint = inBackground('npm', ['run', '--silent', 'lint'])
      return inBackground('npm', ['run', '--silent', 'types'])
    },
  },
  { name: 'lint', run: () => lint },
  { name: 'PostgreSQL', run: () => prepare(ensurePostgres) },
  { name: 'OpenLDAP', run: () => prepare(ensureSlapd) },
  { name: 'nginx', run: () => prepare(ensureNginx) },
  { name: 'tests', run: runVitest },
  { name: 'browser', run: () => prepare(ensureChromium) },
  { name: 'FlowFuse', run: () => flowfuse },
  {
    name: 'browser tests',
    run: () => {
      const browserTests = runPlaywright('scripts/e2e.mjs', BROWSER_REPORT)
      flowfuseTests = runPlaywright('scripts/flowfuse/test.mjs', FLOWFUSE_REPORT)
      return browserTests
    },
  },
  { name: 'FlowFuse tests', run: () => flowfuseTests },
  { name: 'demo', run: () => npm('demo', '--once') },
]

/** @typedef {{ passed: number, failed: number, skipped: number, names?: string[] }} Counts `names` of what failed */

const results = []
for (const stage of STAGES) {
  console.log(`\n── ${stage.name}`)
  const started = Date.now()
  const counts = await stage.run()
  results.push({ name: stage.name, seconds: (Date.now() - started) / 1000, ...counts })
  if (stage.needed && counts.failed > 0) break
}
report(results)

/** An npm script as a stage of one check. @returns {Counts} */
function npm(script, ...args) {
  return check(exitsCleanly('npm', ['run', '--silent', script, '--', ...args]))
}

/** @returns {Counts} */
function prepare(ensure) {
  try {
    console.log(ensure())
    return check(true)
  } catch (error) {
    console.error(error.message)
    return check(false)
  }
}

/** @returns {Counts} */
function runVitest() {
  rmSync(VITEST_REPORT, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_REPORT}`]
  const clean = exitsCleanly('npx', ['--no-install', 'vitest', 'run', ...reporters])

  return count(clean, VITEST_REPORT, (run) => ({
    passed: run.numPassedTests,
    failed: run.numFailedTests,
    skipped: run.numPendingTests + run.numTodoTests,
    names: run.testResults.flatMap(failedInFile),
  }))
}

/** A file may also fail as a whole, before any test of it runs. */
function failedInFile({ name, status, assertionResults }) {
  const file = relative(process.cwd(), name)
  const failed = assertionResults.filter((test) => test.status === 'failed').map((test) => `${file}: ${test.fullName}`)
  return status === 'failed' && failed.length === 0 ? [file] : failed
}

/** @returns {Promise<Counts>} */
function installFlowFuse() {
  const { FLOWFUSE_TEST_FOLDER: folder = flowfuseFolder } = process.env
  if (folder) process.env.FLOWFUSE_TEST_FOLDER = folder
  return inBackground(process.execPath, ['scripts/flowfuse/install.mjs', ...(folder ? [folder] : [])])
}

/** Says what it said once it is over. @returns {Promise<Counts>} */
async function inBackground(command, args, env = {}) {
  const running = spawn(command, args, { env: { ...process.env, ...env } })
  let said = ''
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (data) => (said += String(data)))

  const [status] = await once(running, 'close')
  console.log(said.trim())
  return check(status === 0)
}

/** @returns {Promise<Counts>} */
async function runPlaywright(script, reportFile) {
  rmSync(reportFile, { force: true })
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile }
  const { failed } = await inBackground(process.execPath, [script, '--reporter=list,json'], env)

  return count(failed === 0, reportFile, ({ stats, suites }) => ({
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
    names: suites.flatMap(failedInSuite),
  }))
}

function failedInSuite({ file, specs = [], suites = [] }) {
  const failed = specs.filter(({ ok }) => !ok).map(({ title }) => `${file}: ${title}`)
  return [...failed, ...suites.flatMap(failedInSuite)]
}

/** What a run's report says. A run that failed counts as failed even where no single test did (or none ran). */
function count(clean, reportFile, read) {
  const counts = readReport(reportFile, read)
  if (clean && counts.passed > 0) return counts
  return { ...counts, failed: Math.max(counts.failed, 1) }
}

function readReport(file, read) {
  try {
    return read(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return { passed: 0, failed: 0, skipped: 0 } // it died before it wrote one
  }
}

function check(passed) {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 }
}

function exitsCleanly(command, args) {
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0
}

function report(stages) {
  const sum = (key) => stages.reduce((total, stage) => total + stage[key], 0)

  console.log('\n── summary')
  for (const { name, seconds, passed, failed, skipped } of stages) {
    const time = `${seconds.toFixed(1)} s`.padStart(8)
    console.log(
      `${failed === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(14)}${time}  ${passed} passed, ${failed} failed, ${skipped} skipped`,
    )
  }
  for (const stage of STAGES.slice(stages.length)) console.log(`not run ${stage.name}`)
  for (const { name, names = [] } of stages) for (const failed of names) console.log(`FAILED ${name}: ${failed}`)
  console.log(`\n${(sum('seconds') / 60).toFixed(1)} minutes, ${sum('skipped')} skipped`)
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
  process.exitCode = sum('failed') === 0 ? 0 : 1
}
