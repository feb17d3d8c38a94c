/** Flows as Node-RED saves them: nodes in one list, wired by id. */
export type Flow = Record<string, unknown>[]

const TAB = 'tab'

export interface ToolSketch {
  name: string
  title: string
  description: string
  effect: 'read' | 'write' | 'destroy'
  properties?: Record<string, unknown>
  required?: string[]
  timeout?: number
  /** The body of a function node between the call and its answer. */
  code: string
}

/** An MCP server with its tools, each answered by a function node. @param id unique in the flow file */
export function mcpServer(
  id: string,
  { name, path }: { name: string; path: string },
  tools: readonly ToolSketch[],
): Flow {
  const server = { id, type: 'forge-mcp-server', name, path }
  return [server, ...tools.flatMap((tool, row) => toolFlow(id, tool, row))]
}

function toolFlow(server: string, { code, properties = {}, required = [], ...tool }: ToolSketch, row: number): Flow {
  const id = `${server}-${row}`
  const y = 100 + 60 * row
  const inputSchema = JSON.stringify({ type: 'object', properties, required, additionalProperties: false }, null, 2)
  return [
    {
      id: `${id}-tool`,
      type: 'forge-mcp-tool',
      z: TAB,
      server,
      timeout: 30,
      idempotent: false,
      openWorld: false,
      ...tool,
      inputSchema,
      x: 140,
      y,
      wires: [[`${id}-code`]],
    },
    functionNode(`${id}-code`, code, `${id}-result`, { x: 360, y }),
    { id: `${id}-result`, type: 'forge-mcp-result', z: TAB, name: '', x: 580, y, wires: [] },
  ]
}

/** An `http in` endpoint, answered by a function node. */
export function httpEndpoint(id: string, { method, url }: { method: 'get' | 'post'; url: string }, code: string): Flow {
  const y = 400
  return [
    { id, type: 'http in', z: TAB, name: '', url, method, upload: false, x: 140, y, wires: [[`${id}-code`]] },
    functionNode(`${id}-code`, code, `${id}-response`, { x: 360, y }),
    {
      id: `${id}-response`,
      type: 'http response',
      z: TAB,
      name: '',
      statusCode: '',
      headers: {},
      x: 580,
      y,
      wires: [],
    },
  ]
}

function functionNode(
  id: string,
  func: string,
  to: string,
  { x, y }: { x: number; y: number },
): Record<string, unknown> {
  return { id, type: 'function', z: TAB, name: '', func, outputs: 1, timeout: 0, libs: [], x, y, wires: [[to]] }
}

export function tab(label: string): Flow {
  return [{ id: TAB, type: 'tab', label, disabled: false, info: '' }]
}
