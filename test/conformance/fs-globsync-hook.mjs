/**
 * Lets the conformance suite start on Node 20: its one file imports `globSync` from `fs`, which Node has since 22.
 * Only a command that we do not run calls it. The suite itself stays as it was published:
 *   node --import ./fs-globsync-hook.mjs <suite>/dist/index.js server --url …
 */
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const SUITE = '/@modelcontextprotocol/conformance/dist/index.js'
const FS_WITH_GLOB_SYNC = 'conformance:fs'

// Node loads the file once more in the thread of the hooks, where it must not register itself again.
if (isMainThread) register(import.meta.url)

export async function resolve(specifier, context, nextResolve) {
  const isFs = specifier === 'fs' || specifier === 'node:fs'
  if (isFs && context.parentURL?.endsWith(SUITE)) return { url: FS_WITH_GLOB_SYNC, shortCircuit: true }

  return nextResolve(specifier, context)
}

export async function load(url, context, nextLoad) {
  if (url !== FS_WITH_GLOB_SYNC) return nextLoad(url, context)

  const source = `
    export * from 'node:fs'
    export { default } from 'node:fs'
    export function globSync() { throw new Error('fs.globSync needs Node 22') }`
  return { format: 'module', source, shortCircuit: true }
}
