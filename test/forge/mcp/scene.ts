import type { InstanceTools, ReportedTool, ToolRule, ToolSet } from '../../../forge/contract/tool-registry.ts'
import type { TestInstance, Browser } from '../../support/builders.ts'
import type { TestForge } from '../../support/forge.ts'

export const READ: ReportedTool = {
  name: 'read_metrics',
  title: 'Read the metrics',
  description: 'Reads the metrics of the line.',
  inputSchema: { type: 'object', properties: { hours: { type: 'number' } } },
  annotations: { readOnlyHint: true },
}
export const WRITE: ReportedTool = { name: 'set_speed', annotations: { readOnlyHint: false, destructiveHint: false } }
export const DESTROY: ReportedTool = { name: 'stop_line' }

/** A set with one server; its hash is only a name. */
export function setOf(tools: ReportedTool[], hash = '0123456789abcdef'): ToolSet {
  return { hash, servers: [{ path: '/mcp', name: 'Line 4', tools }] }
}

type Asking = Pick<TestInstance, 'credential'>

/** Calls the forge as an instance does. */
export function asInstance({ app, url }: Pick<TestForge, 'app' | 'url'>, { credential }: Asking) {
  return (method: 'GET' | 'PUT' | 'POST', path: string, payload?: object, headers: Record<string, string> = {}) =>
    app.inject({
      method,
      url: `${url}/api/v1/instance/${path}`,
      headers: { authorization: `Bearer ${credential}`, ...headers },
      ...(payload ? { payload } : {}),
    })
}

/** Reports tools, and fails the test when they are refused. */
export async function report(forge: Pick<TestForge, 'app' | 'url'>, instance: Asking, set: ToolSet): Promise<void> {
  const answer = await asInstance(forge, instance)('PUT', 'tools', set)
  if (answer.statusCode !== 204) throw new Error(`reporting tools was answered ${answer.statusCode}: ${answer.body}`)
}

export async function toolsOf(browser: Browser, { id }: { id: string }): Promise<InstanceTools> {
  const answer = await browser('GET', `/api/v1/instances/${id}/tools`)
  if (answer.statusCode !== 200) throw new Error(`listing tools was answered ${answer.statusCode}: ${answer.body}`)
  return answer.json<InstanceTools>()
}

export function ruleFor(tool: string, change: Partial<ToolRule> = {}): ToolRule {
  return { server: '/mcp', tool, off: false, minimumRole: null, people: null, keepArguments: null, ...change }
}
