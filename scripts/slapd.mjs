import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { runs } from './apt.mjs'

const UNPACKED = fileURLToPath(new URL('../node_modules/.cache/slapd', import.meta.url))

/** @typedef {{ command: string, schemas: string, modules: string, env: Record<string, string> }} Slapd */

/** OpenLDAP's server: installed, else as it was unpacked by `ensureSlapd`. @returns {Slapd | null} */
export function findSlapd() {
  return ['', UNPACKED].map(slapdIn).find((slapd) => slapd && works(slapd)) ?? null
}

/**
 * Makes sure that the tests find an OpenLDAP server. Debian's packages are unpacked rather than installed: that needs no
 * rights, and starts no server beside those of the tests.
 * @returns a sentence about what the tests will use
 * @throws {Error} that says what to do
 */
export function ensureSlapd() {
  const found = findSlapd() ?? (unpack() ? findSlapd() : null)
  if (found) return `The tests start directories of their own with ${found.command}.`
  throw new Error(
    'The tests of LDAP need OpenLDAP and found none. Install its server (Debian: apt-get install slapd) or let ' +
      'apt-get download it.',
  )
}

function slapdIn(root) {
  const command = join(root, '/usr/sbin/slapd')
  if (!existsSync(command)) return null
  const libraries = existsSync(join(root, '/usr/lib'))
    ? readdirSync(join(root, '/usr/lib'))
        .filter((name) => name.endsWith('-linux-gnu'))
        .map((name) => join(root, '/usr/lib', name))
    : []
  const env = root === '' ? {} : { LD_LIBRARY_PATH: libraries.join(':') }
  return { command, schemas: join(root, '/etc/ldap/schema'), modules: join(root, '/usr/lib/ldap'), env }
}

/** It names its version on stderr, and ends with 1. */
function works({ command, env }) {
  const { stderr } = spawnSync(command, ['-VV'], { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 30_000 })
  return stderr?.includes('OpenLDAP') ?? false
}

function unpack() {
  if (!runs('apt-get', ['--version']) || !runs('dpkg-deb', ['--version'])) return false
  const folder = `${UNPACKED}.part`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })

  console.log('unpacking slapd')
  const run = (command, ...args) =>
    spawnSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const download = () => run('apt-get', '-q', 'download', 'slapd', ...librariesOf('slapd')).status === 0
  // Without a list of packages, as in a fresh container, it can be had where one may.
  if (!download() && !(run('apt-get', '-q', 'update').status === 0 && download())) return false

  const archives = readdirSync(folder).filter((name) => name.endsWith('.deb'))
  if (!archives.every((name) => run('dpkg-deb', '-x', name, '.').status === 0)) return false
  rmSync(UNPACKED, { recursive: true, force: true })
  renameSync(folder, UNPACKED)
  return true
}

/** What it is linked with, but for what every system has, and for Perl and ODBC, which parts that we don't load want. */
function librariesOf(name) {
  const { stdout } = spawnSync('apt-cache', ['depends', '--important', name], { encoding: 'utf8' })
  const names = [...(stdout ?? '').matchAll(/^ *Depends: (lib[^\s<>]+)$/gm)].map(([, library]) => library)
  return names.filter((library) => !/^lib(c6|perl|odbc|crypt1)/.test(library))
}
