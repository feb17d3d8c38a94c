import type { PersonActor } from '../audit/actor.ts'
import { teamLog } from '../audit/entry.ts'
import type { ToolRuleUpdate } from '../contract/audit-events.ts'
import type { ToolRule } from '../contract/tool-registry.ts'
import type { HostFacts } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { lockByName } from '../sql/lock.ts'
import { storableText } from '../sql/text.ts'
import { inOrder, rulesOf, storeRules, type RuleSet } from '../tools/rules.ts'
import { names } from './etag.ts'
import { isOwner, seenInstance } from './instance-tools.ts'
import type { ToolStore } from './store.ts'

export interface RulesToSave {
  instanceId: string
  rules: ToolRule[]
  /** The `If-Match` header, where there is one. */
  ifMatch: string | undefined
}

/**
 * Takes the whole rules of an instance in the place of those before. They hold from the next call. Saving what is saved
 * already does nothing.
 * @throws {ForgeError} not_found, forbidden, invalid_request, precondition_failed
 */
export async function saveRules(store: ToolStore, actor: PersonActor, input: RulesToSave): Promise<RuleSet> {
  const { db, audit } = store
  const { instanceId, ifMatch } = input
  const { team, instance } = await ownedInstance(store, actor.userId, instanceId)
  const rules = inOrder(input.rules.map(storable))
  checkOncePerTool(rules)

  return db.transaction(async (transaction) => {
    await lockByName(db, `tool rules ${instanceId}`, transaction)
    const before = await rulesOf(db, instanceId, transaction)
    if (ifMatch !== undefined && !names(ifMatch, before.version)) throw changedMeanwhile()

    const updates = differences(before, rules)
    if (updates.length === 0) return before
    await checkPeople(store, team.id, updates)

    const after = await storeRules(db, { instanceId, rules, now: new Date() }, transaction)
    const body = { instance: { id: instance.id, name: instance.name }, updates }
    await audit.write({ event: 'team.toolRules.updated', actor, scopes: [teamLog(team)], body }, transaction)
    return after
  })
}

async function ownedInstance({ directory }: ToolStore, userId: string, instanceId: string): Promise<HostFacts> {
  const facts = await seenInstance(directory, userId, instanceId)
  if (isOwner(facts)) return facts

  throw new ForgeError('forbidden', 'Only owners decide who may call the tools of an instance.')
}

const changedMeanwhile = () =>
  new ForgeError('precondition_failed', 'Another owner has changed the rules meanwhile. Look at them again.')

/** The path as instances report it: routers do not tell capitals from small letters, nor a slash at the end from none. */
function storable(rule: ToolRule): ToolRule {
  const server = storableText(rule.server)
    .toLowerCase()
    .replace(/(?<=.)\/$/, '')
  return { ...rule, server, tool: storableText(rule.tool) }
}

/** @throws {ForgeError} invalid_request */
function checkOncePerTool(rules: ToolRule[]): void {
  const twice = rules.find((rule, index) => {
    const before = rules[index - 1]
    return before?.server === rule.server && before.tool === rule.tool
  })
  if (twice) throw new ForgeError('invalid_request', `There are two rules about the tool ${twice.tool}.`)
}

function differences(before: RuleSet, after: ToolRule[]): ToolRuleUpdate[] {
  const stays = new Set(after.map(keyOf))
  const dropped = before.rules.filter((rule) => !stays.has(keyOf(rule)))

  return [
    ...dropped.map((rule) => ({ key: keyOf(rule), old: rule, new: null })),
    ...after
      .map((rule) => ({ key: keyOf(rule), old: before.find(rule.server, rule.tool), new: rule }))
      .filter((update) => JSON.stringify(update.old) !== JSON.stringify(update.new)),
  ]
}

const keyOf = ({ server, tool }: ToolRule) => `${server} ${tool}`

/**
 * Who is newly named must be a member. Who was named before and has left the team since may stay in the list: a role
 * is needed besides, and owners need not clean up before they can save anything else.
 * @throws {ForgeError} invalid_request
 */
async function checkPeople({ directory }: ToolStore, teamId: string, updates: ToolRuleUpdate[]): Promise<void> {
  const named = updates.flatMap(({ old, new: rule }) =>
    (rule?.people ?? []).filter((person) => old?.people?.includes(person) !== true),
  )
  if (named.length === 0) return

  const members = new Set((await directory.members(teamId, [...new Set(named)])).map(({ userId }) => userId))
  const stranger = named.find((person) => !members.has(person))
  if (stranger !== undefined) {
    throw new ForgeError('invalid_request', `Rules can name members of the team only, and ${stranger} is none.`)
  }
}
