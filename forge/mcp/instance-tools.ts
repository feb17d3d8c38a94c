import { liveLevel } from '../access/rules.ts'
import type { InstanceTool, InstanceTools } from '../contract/tool-registry.ts'
import { ROLE_LEVELS } from '../contract/role.ts'
import { toolRequirement } from '../contract/tool.ts'
import type { Directory, HostFacts } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { toIso } from '../sql/time.ts'
import type { StoredTool } from '../tools/model.ts'
import { byPlace, hintsOf } from '../tools/registry.ts'
import { rulesOf, type RuleSet } from '../tools/rules.ts'
import type { ToolStore } from './store.ts'

/** Every tool that an instance has reported, with the rule about it. @throws {ForgeError} not_found for who may not see it */
export async function listInstanceTools(store: ToolStore, userId: string, instanceId: string): Promise<InstanceTools> {
  const facts = await seenInstance(store.directory, userId, instanceId)
  const [set, tools, rules] = await Promise.all([
    store.models.ToolSet.findByPk(instanceId, { raw: true }),
    store.models.Tool.findAll({ where: { instanceId }, raw: true }),
    rulesOf(store.db, instanceId),
  ])
  const named = await store.directory.people([...new Set(rules.rules.flatMap(({ people }) => people ?? []))])

  return {
    reportedAt: set && toIso(set.seenAt),
    count: tools.length,
    tools: tools.sort(byPlace).map((tool) => present(tool, rules, tool.lastSeenAt ?? set?.seenAt ?? tool.firstSeenAt)),
    otherRules: rules.rules.filter(
      ({ server, tool }) => !tools.some(({ serverPath, name }) => serverPath === server && name === tool),
    ),
    rulesVersion: rules.version,
    people: named.map(({ id, username, name }) => ({ id, username, name })),
    mayEdit: isOwner(facts),
  }
}

/**
 * An instance, for whoever is at least viewer there. The role is that of the access decision: an override of the
 * application takes the place of the role in the team.
 * @throws {ForgeError} not_found for everybody else
 */
export async function seenInstance(directory: Directory, userId: string, instanceId: string): Promise<HostFacts> {
  const facts = await directory.access(userId, instanceId)
  if (facts && facts.teamRoleLevel !== null && liveLevel(facts) >= ROLE_LEVELS.viewer) return facts

  throw new ForgeError('not_found', 'There is no such instance that you may see.')
}

export function isOwner(facts: HostFacts): boolean {
  return liveLevel(facts) >= ROLE_LEVELS.owner
}

function present(tool: StoredTool, rules: RuleSet, lastSeenAt: StoredTool['firstSeenAt']): InstanceTool {
  const { serverPath, serverName, name, title, description, inputSchema, firstSeenAt, changedAt } = tool

  return {
    server: { path: serverPath, name: serverName },
    name,
    title,
    description,
    inputSchema: inputSchema === null ? null : (JSON.parse(inputSchema) as Record<string, unknown>),
    annotations: JSON.parse(tool.annotations) as InstanceTool['annotations'],
    requirement: toolRequirement(hintsOf(tool)),
    rule: rules.find(serverPath, name),
    firstSeenAt: toIso(firstSeenAt),
    changedAt: changedAt === null ? null : toIso(changedAt),
    lastSeenAt: toIso(lastSeenAt),
    gone: tool.lastSeenAt !== null,
  }
}
