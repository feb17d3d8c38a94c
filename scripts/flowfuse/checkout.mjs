import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

/** What a FlowFuse needs besides itself to run with instances on this machine. */
const PARTS = ['fastify', '@flowfuse/driver-localfs']

/**
 * A FlowFuse that somebody has, to try this package with.
 * @param {string} dir
 * @returns {{ flowfuse: string, version: string, fastify: number }} its folder, and the major version of its Fastify
 * @throws {Error} saying what it lacks and what to do
 */
export function readCheckout(dir) {
  const flowfuse = resolve(dir)
  const { name, version } = readPackage(flowfuse) ?? {}
  if (name !== '@flowfuse/flowfuse' || !existsSync(join(flowfuse, 'forge/app.js'))) {
    throw new Error(
      `${flowfuse} is no FlowFuse: it needs FlowFuse's package.json and forge/app.js. Clone it there first.`,
    )
  }
  const parts = createRequire(join(flowfuse, 'package.json'))
  const missing = PARTS.filter((part) => !isInstalled(parts, part))
  if (missing.length > 0) {
    throw new Error(`${flowfuse} is not installed: it lacks ${missing.join(' and ')}. Run npm install there.`)
  }
  if (!existsSync(join(flowfuse, 'frontend/dist'))) {
    throw new Error(`${flowfuse} has no pages, which the journey signs in on. Run npm run build there.`)
  }
  return { flowfuse, version, fastify: Number.parseInt(readPackage(folderOf(parts, 'fastify')).version, 10) }
}

function readPackage(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  } catch {
    return null
  }
}

const isInstalled = (parts, name) => folderOf(parts, name) !== undefined

/** Where Node.js would find a package, whatever it lets others import of itself. */
function folderOf(parts, name) {
  return (parts.resolve.paths(name) ?? []).map((each) => join(each, name)).find((each) => existsSync(each))
}
