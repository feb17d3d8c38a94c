import { spawnSync } from 'node:child_process'

/** Installs a Debian package where that is possible (root, apt-get); says whether it did. */
export function aptInstall(name) {
  const asRoot = process.getuid?.() === 0
  if (!asRoot || !runs('apt-get', ['--version'])) return false

  console.log(`installing ${name} with apt-get`)
  const apt = (...args) =>
    spawnSync('apt-get', ['-q', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0
  // A package list that could not be refreshed may still be good enough.
  apt('update')
  return apt('install', '-y', '--no-install-recommends', name)
}

/** Whether a program is there and runs. */
export function runs(command, args) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0
}
