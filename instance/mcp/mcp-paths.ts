import { requestPath, requestReadings, routeKey, type InstanceRequest } from '../connect.ts'
import type { InstanceSettings } from '../options.ts'
import { basePath, belowBase } from '../resource-metadata.ts'

type Paths = Pick<InstanceSettings, 'resourceUrl' | 'mcpPaths'>

/** Whether a path is that of an MCP server, by the letter: this opens more than other paths have. */
export function isMcpPath(paths: Paths, path: string): boolean {
  return mcpPathOf(paths, path) !== undefined
}

function mcpPathOf({ resourceUrl, mcpPaths }: Paths, path: string): string | undefined {
  const [whole, below] = keysOf(resourceUrl, path)
  for (const mcpPath of mcpPaths) {
    const key = routeKey(mcpPath)
    if (key === whole || key === below) return key
  }
  return undefined
}

/**
 * The MCP path whose server a request may reach, so that it is to be inspected; null when it is not. Hosts mount servers
 * with all that is below, and not every router compares paths as ours does: whatever could arrive there counts.
 */
export function inspectedPath(
  { inspectBody, resourceUrl, mcpPaths }: Paths & Pick<InstanceSettings, 'inspectBody'>,
  gatedPaths: ReadonlySet<string>,
  request: InstanceRequest,
): string | null {
  if (!inspectBody) return null
  const exact = mcpPathOf({ resourceUrl, mcpPaths }, requestPath(request))
  if (exact !== undefined) return gatedPaths.has(exact) ? null : exact

  const keys = requestReadings(request).flatMap((path) => keysOf(resourceUrl, path))
  const above = [...mcpPaths]
    .map(routeKey)
    .filter((mcpPath) => !gatedPaths.has(mcpPath) && keys.some((key) => isWithin(key, mcpPath)))
  return above.sort((one, other) => other.length - one.length)[0] ?? null
}

/** With the path of our address, and without it where a proxy has left it. */
function keysOf(resourceUrl: URL, path: string): [string, string] {
  const key = routeKey(path)
  const base = basePath(resourceUrl)
  return [key, base === '' ? key : routeKey(belowBase(base, path))]
}

function isWithin(path: string, mcpPath: string): boolean {
  return mcpPath === '/' || path === mcpPath || path.startsWith(`${mcpPath}/`)
}
