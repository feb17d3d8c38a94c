/**
 * Installs the published FlowFuse, and a Node-RED with the nodes of this package for its instances, into a folder of
 * their own: in one tree with ours, neither would start. Prints where they are, as JSON.
 *
 *   node scripts/flowfuse/install.mjs [folder]
 *
 * Without a folder they are kept for the next run, among what the user's programs cache.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** It floats to parts that are too new for it, and to some that want a compiler. */
const FLOWFUSE = {
  private: true,
  dependencies: { '@flowfuse/flowfuse': '2.4.0' },
  overrides: {
    '@flowfuse/driver-localfs': '2.4.0',
    '@flowfuse/nr-launcher': '2.4.0',
    bcrypt: '6.0.0',
    sqlite3: '6.0.1',
  },
}
const NODE_RED = '4.1.15'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NPM = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']

/**
 * @param {string} [folder] of the published FlowFuse; the one of the cache unless given
 * @returns {{ flowfuse: string, stacks: string }} the folder of FlowFuse itself, and that of the stacks of its instances
 * @throws {Error} with npm's words
 */
export function installFlowFuse(folder = cached('flowfuse', FLOWFUSE)) {
  once(folder, () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(FLOWFUSE))
    npm(folder)
    copySqlite(folder)
  })
  return { flowfuse: join(folder, 'node_modules/@flowfuse/flowfuse'), stacks: installStacks(join(folder, 'stacks')) }
}

/**
 * The one stack, named by its Node-RED as FlowFuse wants it, with what an administrator puts into it. What is built of this package comes later, by the tests themselves, so that
 * all that takes long can be done while it is still being built.
 */
export function installStacks(folder = join(cacheFolder(), 'stacks')) {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const stacks = `${folder}-${digest([NODE_RED, dependencies])}`
  once(stacks, () => {
    const stack = join(stacks, NODE_RED)
    mkdirSync(stack)
    writeFileSync(join(stack, 'package.json'), JSON.stringify({ private: true }))
    npm(stack, `node-red@${NODE_RED}`)
    npm(stack, '--install-links', ROOT)
  })
  return stacks
}

/** Does the work in an empty folder unless it was done there before; what was interrupted is begun anew. */
function once(folder, work) {
  const done = join(folder, 'installed')
  if (existsSync(done)) return

  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  work()
  writeFileSync(done, '')
}

/** The binary of ours, which is of the same version: to compile another takes a minute. */
function copySqlite(folder) {
  const ours = dirname(createRequire(import.meta.url).resolve('sqlite3/package.json'))
  const binary = 'build/Release/node_sqlite3.node'
  mkdirSync(join(folder, 'node_modules/sqlite3', dirname(binary)), { recursive: true })
  copyFileSync(join(ours, binary), join(folder, 'node_modules/sqlite3', binary))
}

function npm(cwd, ...args) {
  const { status, stderr, error } = spawnSync('npm', [...NPM, ...args], { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${cwd}: ${stderr || error?.message}`)
}

/** @returns a folder that is another one when something else is wanted */
function cached(name, wanted) {
  return join(cacheFolder(), `${name}-${digest(wanted)}`)
}

function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'forge-pat')
}

function digest(wanted) {
  return createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 12)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(installFlowFuse(process.argv[2])))
