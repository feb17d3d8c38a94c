import type { Sequelize } from 'sequelize'

import type { ToolHints } from '../contract/tool.ts'
import { placesFor, selectRows } from '../sql/rows.ts'
import { compareText } from '../sql/text.ts'
import type { StoredTool } from './model.ts'

/** What the decision and a list want to know of a tool; descriptions and schemas are long. */
export type ListedTool = Omit<StoredTool, 'description' | 'inputSchema' | 'lastSeenAt'>

const OFFERED = `
  SELECT instance_id AS "instanceId", server_path AS "serverPath", name, server_name AS "serverName", title, annotations,
         first_seen_at AS "firstSeenAt", changed_at AS "changedAt"
    FROM pat_tools WHERE last_seen_at IS NULL`

/** The tools that instances offer now, by server and name. */
export async function loadOffered(db: Sequelize, instanceIds: readonly string[]): Promise<ListedTool[]> {
  if (instanceIds.length === 0) return []

  const tools = await selectRows<ListedTool>(db, `${OFFERED} AND instance_id IN (${placesFor(instanceIds)})`, [
    ...instanceIds,
  ])
  return tools.sort(byPlace)
}

/** One tool that an instance offers now; null when it does not. */
export async function findOffered(
  db: Sequelize,
  { instanceId, server, name }: { instanceId: string; server: string; name: string },
): Promise<ListedTool | null> {
  const sql = `${OFFERED} AND instance_id = $1 AND server_path = $2 AND name = $3`
  const [tool] = await selectRows<ListedTool>(db, sql, [instanceId, server, name])
  return tool ?? null
}

type Place = Pick<StoredTool, 'serverPath' | 'name'>

export function byPlace(a: Place, b: Place): number {
  return compareText(a.serverPath, b.serverPath) || compareText(a.name, b.name)
}

/** The hints that rules look at. */
export function hintsOf({ annotations }: Pick<StoredTool, 'annotations'>): ToolHints {
  return JSON.parse(annotations) as ToolHints
}
