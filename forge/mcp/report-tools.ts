import type { Transaction } from 'sequelize'

import { isTooDeep } from '../contract/depth.ts'
import type { ReportedTool, ToolSet } from '../contract/tool-registry.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { lockByName } from '../sql/lock.ts'
import { writeRows } from '../sql/rows.ts'
import { storableText } from '../sql/text.ts'
import { sqlTime } from '../sql/time.ts'
import type { StoredTool } from '../tools/model.ts'
import type { ToolStore } from './store.ts'

/** Rows that one statement writes; a set may have thousands. */
const BATCH = 500
/** Of those that are gone; an instance that invents names in each report must not fill the table. */
const MAX_GONE = 1_000

/**
 * Takes the set of an instance in the place of the one before. What it lacks is kept as gone, up to a number. Reporting the same again
 * changes nothing but when it was seen, and of two reports at once the later one stands as a whole.
 * @throws {ForgeError} invalid_request for a set that names something twice, or a schema that nobody could read
 */
export async function reportTools(
  { db, models }: ToolStore,
  { instanceId, set, now }: { instanceId: string; set: ToolSet; now: Date },
): Promise<void> {
  const reported = toolsOf(set)
  checkSet(set, reported)

  await db.transaction(async (transaction) => {
    await lockByName(db, `tools ${instanceId}`, transaction)
    const former = await models.ToolSet.findByPk(instanceId, { raw: true, transaction })
    const tools = await models.Tool.findAll({ where: { instanceId }, raw: true, transaction })

    const known = new Map(tools.map((tool) => [keyOf(tool), tool]))
    const offered = reported.map((tool) => merge(known.get(keyOf(tool)), { ...tool, instanceId }, now))
    const still = new Set(offered.map(keyOf))
    const left = tools
      .filter((tool) => tool.lastSeenAt === null && !still.has(keyOf(tool)))
      .map((tool) => ({ ...tool, lastSeenAt: former?.seenAt ?? now }))

    await writeTools(models, [...offered, ...left], transaction)
    if (left.length > 0) await writeRows(db, FORGET_LONGEST_GONE, [instanceId, MAX_GONE], transaction)
    await models.ToolSet.upsert({ instanceId, hash: set.hash, seenAt: now }, { transaction })
  })
}

const FORGET_LONGEST_GONE = `
  DELETE FROM pat_tools
   WHERE instance_id = $1 AND last_seen_at IS NOT NULL AND (server_path, name) NOT IN (
         SELECT server_path, name FROM pat_tools WHERE instance_id = $1 AND last_seen_at IS NOT NULL
          ORDER BY last_seen_at DESC, server_path, name LIMIT $2)`

/** Marks the set as seen, if it is the one that is kept. @returns whether it is */
export async function confirmTools(
  { db }: ToolStore,
  { instanceId, hash, now }: { instanceId: string; hash: string; now: Date },
): Promise<boolean> {
  const confirmed = await writeRows(db, 'UPDATE pat_tool_sets SET seen_at = $3 WHERE instance_id = $1 AND hash = $2', [
    instanceId,
    hash,
    sqlTime(now),
  ])
  return confirmed === 1
}

type Content = Omit<StoredTool, 'firstSeenAt' | 'changedAt' | 'lastSeenAt'>
type Reported = Omit<Content, 'instanceId'>

function toolsOf({ servers }: ToolSet): Reported[] {
  return servers.flatMap(({ path, name, tools }) => {
    const server = { serverPath: storableText(path), serverName: storableText(name) }
    return tools.map((tool) => ({ ...server, ...contentOf(tool) }))
  })
}

function contentOf({ name, title, description, inputSchema, annotations = {} }: ReportedTool) {
  if (isTooDeep(inputSchema)) {
    throw new ForgeError('invalid_request', 'The input schema of a tool nests too deep.')
  }
  return {
    name: storableText(name),
    title: title === undefined ? null : storableText(title),
    description: description === undefined ? null : storableText(description),
    inputSchema: inputSchema === undefined ? null : JSON.stringify(inputSchema),
    annotations: JSON.stringify(annotations),
  }
}

/** @throws {ForgeError} invalid_request */
function checkSet({ servers }: ToolSet, tools: Reported[]): void {
  if (new Set(servers.map(({ path }) => storableText(path))).size < servers.length) {
    throw new ForgeError('invalid_request', 'Two servers of the set have the same path.')
  }
  if (new Set(tools.map(keyOf)).size < tools.length) {
    throw new ForgeError('invalid_request', 'Two tools of one server have the same name.')
  }
}

/** No path has a blank in it. */
const keyOf = ({ serverPath, name }: Pick<Reported, 'serverPath' | 'name'>) => `${serverPath} ${name}`

function merge(before: StoredTool | undefined, content: Content, now: Date): StoredTool {
  if (!before) return { ...content, firstSeenAt: now, changedAt: null, lastSeenAt: null }

  const changed = fingerprint(before) !== fingerprint(content)
  return {
    ...content,
    firstSeenAt: before.firstSeenAt,
    changedAt: changed ? now : before.changedAt,
    lastSeenAt: null,
  }
}

/** What counts as a change of a tool. The order of keys says nothing. */
function fingerprint({ description, inputSchema, annotations }: Content): string {
  return JSON.stringify([description, inOrder(parse(inputSchema)), inOrder(parse(annotations))])
}

function parse(json: string | null): unknown {
  return json === null ? null : JSON.parse(json)
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => [key, inOrder(each)])
}

const WRITTEN = ['serverName', 'title', 'description', 'inputSchema', 'annotations', 'changedAt', 'lastSeenAt'] as const

async function writeTools({ Tool }: ToolStore['models'], tools: StoredTool[], transaction: Transaction): Promise<void> {
  for (let start = 0; start < tools.length; start += BATCH) {
    const some = tools.slice(start, start + BATCH)
    await Tool.bulkCreate(some, { updateOnDuplicate: [...WRITTEN], transaction })
  }
}
