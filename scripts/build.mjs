/**
 * Builds the server (tsc), the pages and the library of them (vite) into dist/.
 *
 *   node scripts/build.mjs              always
 *   node scripts/build.mjs --if-stale   only when a source differs from what dist/ was built from
 *
 * Everything is built into a folder beside dist/ that takes its place when complete, so an interrupted build leaves
 * nothing half new behind.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')
const STAMP = 'built-from.txt'
const SOURCES = [
  'forge',
  'instance',
  'clients',
  'command',
  'migrations',
  'frontend',
  'package.json',
  'tsconfig.base.json',
  'tsconfig.build.json',
]

/** Builds unless dist/ is what the sources would give. */
function buildIfStale() {
  const sources = fingerprint()
  if (builtFrom(dist) === sources) return

  build(sources)
}

function build(sources) {
  const started = Date.now()
  const next = `${dist}.${process.pid}`
  removeLeftovers()
  try {
    step('server', 'typescript', 'bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', next])
    copyAssets('instance', next)
    step('pages', 'vite', 'bin/vite.js', [
      'build',
      'frontend',
      '--outDir',
      join(next, 'frontend'),
      '--logLevel',
      'warn',
    ])
    compressAssets(join(next, 'frontend'))
    buildLibrary(join(next, 'library'))
    writeFileSync(join(next, STAMP), sources)
    replace(dist, next)
  } finally {
    rmSync(next, { recursive: true, force: true })
  }
  say(`done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/** The pages for a host that has them among its own: for its own build, so nothing is made small here. */
function buildLibrary(folder) {
  const config = 'frontend/vite.library.config.ts'
  step('library', 'vite', 'bin/vite.js', ['build', '--config', config, '--outDir', folder, '--logLevel', 'warn'])
  const types = join(folder, 'types')
  step('types of the library', 'typescript', 'bin/tsc', ['-p', 'frontend/tsconfig.library.json', '--outDir', types])
}

/** What the sources are now: their paths, sizes and times, digested. */
function fingerprint() {
  const digest = createHash('sha256')
  for (const path of SOURCES.flatMap((name) => filesBelow(join(root, name))).sort()) {
    const { size, mtimeMs } = statSync(path)
    digest.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return digest.digest('hex')
}

function filesBelow(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function builtFrom(folder) {
  const stamp = join(folder, STAMP)
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : null
}

function step(what, packageName, bin, args) {
  say(`building the ${what}`)
  const { status, signal } = spawnSync(process.execPath, [resolveTool(packageName, bin), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) throw new BuildError(`the ${what} did not build (${signal ?? `exit code ${status}`}); see above`)
}

function resolveTool(packageName, bin) {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`)
    return join(dirname(manifest), bin)
  } catch (cause) {
    throw new BuildError(`${packageName} is not installed; run npm ci (without --omit=dev) first`, { cause })
  }
}

/** tsc leaves out what is not TypeScript: Node-RED's node definitions, icons and texts. */
function copyAssets(folder, target) {
  cpSync(join(root, folder), join(target, folder), { recursive: true, filter: (path) => !path.endsWith('.ts') })
}

/** A compressed copy beside each text that browsers load: the server compresses nothing while somebody waits. */
function compressAssets(folder) {
  for (const path of filesBelow(folder).filter((name) => /\.(?:js|css|svg)$/.test(name))) {
    const text = readFileSync(path)
    writeFileSync(`${path}.br`, brotliCompressSync(text))
    writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }))
  }
}

/** Puts `next` where `current` is; the moment without either is one rename long. */
function replace(current, next) {
  const old = `${next}.old`
  if (existsSync(current)) renameSync(current, old)
  renameSync(next, current)
  rmSync(old, { recursive: true, force: true })
}

/** Removes what killed builds left beside dist/; a build that still runs keeps its folder. */
function removeLeftovers() {
  for (const name of readdirSync(root)) {
    const pid = /^dist\.(\d+)/.exec(name)?.[1]
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(root, name), { recursive: true, force: true })
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM' // somebody else's
  }
}

function say(text) {
  console.log(`build: ${text}`)
}

class BuildError extends Error {}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (process.argv.includes('--if-stale')) buildIfStale()
    else build(fingerprint())
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    console.error(`build: ${error.message}`)
    process.exitCode = 1
  }
}
