import type { TokenTool } from '@contract/tool-registry.ts'

interface ToolPlace {
  key: string
  instance: string
  server: string
  tools: TokenTool[]
}

/** The tools of a token by server, in the order of the answer. */
export function byPlace(tools: readonly TokenTool[]): ToolPlace[] {
  const places = new Map<string, ToolPlace>()
  for (const tool of tools) {
    const key = `${tool.instance.id} ${tool.server.path}`
    const place = places.get(key) ?? { key, instance: tool.instance.name, server: tool.server.name, tools: [] }
    place.tools.push(tool)
    places.set(key, place)
  }
  return [...places.values()]
}
