import type { Member } from '@contract/host.ts'
import type { InstanceTool, InstanceTools, ToolRule } from '@contract/tool-registry.ts'

import { DAY_MS } from './dates.ts'
import { ROLE_NAMES } from './roles.ts'
import { t } from '../messages/messages.ts'

/** How long a tool is marked as new or changed. */
const NEWS_DAYS = 14

/** Names a tool among those of an instance. */
export type ToolKey = string

const toolKey = (server: string, tool: string): ToolKey => JSON.stringify([server, tool])
export const ruleKey = ({ server, tool }: ToolRule): ToolKey => toolKey(server, tool)
export const keyOfTool = ({ server, name }: InstanceTool): ToolKey => toolKey(server.path, name)

/** A rule that says nothing; the forge drops it. */
export const emptyRule = (server: string, tool: string): ToolRule => ({
  server,
  tool,
  off: false,
  minimumRole: null,
  people: null,
  keepArguments: null,
})

const saysNothing = ({ off, minimumRole, people, keepArguments }: ToolRule): boolean =>
  !off && minimumRole === null && people === null && keepArguments === null

/** All rules that hold, also those about tools that were never reported. */
export const savedRules = ({ tools, otherRules }: InstanceTools): ToolRule[] => [
  ...tools.flatMap(({ rule }) => (rule === null ? [] : [rule])),
  ...otherRules,
]

/** The word of the owners on a tool. */
export function describeRule(rule: ToolRule | null): string {
  if (!rule || saysNothing(rule)) return t.toolRulesWords.noRule
  if (rule.off) return t.toolRulesWords.off

  const { minimumRole, people, keepArguments } = rule
  const parts = [
    minimumRole && t.toolRulesWords.fromRoleOn(ROLE_NAMES[minimumRole]),
    people && t.toolRulesWords.forMembersAlone(people.length),
    keepArguments && t.toolRulesWords.argumentsKept,
  ]
  return parts.filter(Boolean).join(', ')
}

export interface RuleChange {
  key: ToolKey
  server: string
  tool: string
  /** In words; equal ones differ in who is named, or in what is not kept. */
  before: string
  after: string
}

/** What saving the rules `edited` would change of those that hold. */
export function changesOfRules(saved: readonly ToolRule[], edited: ReadonlyMap<ToolKey, ToolRule>): RuleChange[] {
  const before = new Map(saved.map((rule) => [ruleKey(rule), rule]))
  return [...edited].flatMap(([key, rule]) => {
    const old = before.get(key) ?? emptyRule(rule.server, rule.tool)
    if (isSame(old, rule)) return []
    return { key, server: rule.server, tool: rule.tool, ...wordsOfChange(old, rule) }
  })
}

/** What is sent: everything that holds, with what was edited in its place. */
export function rulesToSave(saved: readonly ToolRule[], edited: ReadonlyMap<ToolKey, ToolRule>): ToolRule[] {
  const rules = new Map([...saved.map((rule): [ToolKey, ToolRule] => [ruleKey(rule), rule]), ...edited])
  return [...rules.values()].filter((rule) => !saysNothing(rule))
}

function wordsOfChange(old: ToolRule, rule: ToolRule): Pick<RuleChange, 'before' | 'after'> {
  const [before, after] = [describeRule(old), describeRule(rule)]
  if (before !== after) return { before, after }

  const what =
    sorted(old.people) === sorted(rule.people) ? t.toolRulesWords.otherFieldsAreLeft : t.toolRulesWords.otherPeople
  return { before, after: rule.off ? t.toolRulesWords.andAnotherRuleBehind(after) : `${after}: ${what}` }
}

const isSame = (a: ToolRule, b: ToolRule): boolean =>
  a.off === b.off &&
  a.minimumRole === b.minimumRole &&
  sorted(a.people) === sorted(b.people) &&
  sorted(a.keepArguments?.redact) === sorted(b.keepArguments?.redact) &&
  (a.keepArguments === null) === (b.keepArguments === null)

const sorted = (list: readonly string[] | null | undefined): string => JSON.stringify(list ? [...list].sort() : null)

/** What calling a tool does, as far as its hints tell. */
export function describeDeed({ requirement: { role, writes } }: Pick<InstanceTool, 'requirement'>): {
  words: string
  tone: string
} {
  if (!writes) return { words: t.toolRulesWords.reads, tone: 'good' }
  return role === 'owner'
    ? { words: t.toolRulesWords.mayDestroy, tone: 'bad' }
    : { words: t.toolRulesWords.changes, tone: 'warn' }
}

/**
 * Whether a tool came or changed lately. What an instance reported first of all is not new: everything was then.
 * @param firstReport the earliest `firstSeenAt` of the instance @param now epoch ms
 */
export function newsOf(tool: InstanceTool, { firstReport, now }: { firstReport: string; now: number }): string | null {
  const isLate = (at: string | null) => at !== null && now - Date.parse(at) < NEWS_DAYS * DAY_MS
  if (tool.firstSeenAt !== firstReport && isLate(tool.firstSeenAt)) return t.toolRulesWords.newWord
  return isLate(tool.changedAt) ? t.toolRulesWords.changed : null
}

export interface ServerTools {
  path: string
  name: string
  tools: InstanceTool[]
}

/** The tools by server, in the order of the answer. */
export function byServer(tools: readonly InstanceTool[]): ServerTools[] {
  const servers = new Map<string, ServerTools>()
  for (const tool of tools) {
    const server = servers.get(tool.server.path) ?? { ...tool.server, tools: [] }
    server.tools.push(tool)
    servers.set(server.path, server)
  }
  return [...servers.values()]
}

/** Names of fields as somebody types them: one after another, with commas or spaces or on lines of their own. */
export const fieldNames = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))]

/** Who a rule can name: members, and those who are named already though they have left. */
export function peopleToName(members: readonly Member[], named: InstanceTools['people']) {
  const present = members.map(({ user }) => user)
  const ids = new Set(present.map(({ id }) => id))
  const gone = named.filter(({ id }) => !ids.has(id))
  return [...present, ...gone].map(({ id, name }) => ({ id, name }))
}
