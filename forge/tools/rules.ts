import { createHash } from 'node:crypto'

import type { Sequelize, Transaction } from 'sequelize'

import type { ToolRule } from '../contract/tool-registry.ts'
import { placesFor, selectRows, writeRows } from '../sql/rows.ts'
import { compareText } from '../sql/text.ts'
import { sqlTime } from '../sql/time.ts'

/** All rules of an instance, in order, with the name of exactly this set. */
export interface RuleSet {
  rules: ToolRule[]
  version: string
  /** The rule of a tool; null without one. */
  find(server: string, tool: string): ToolRule | null
}

/** What the owners have said of the tools of each instance that is asked for. */
export async function loadRules(
  db: Sequelize,
  instanceIds: readonly string[],
  transaction: Transaction | null = null,
): Promise<Map<string, RuleSet>> {
  const rows =
    instanceIds.length === 0
      ? []
      : await selectRows<{ instanceId: string; rules: string }>(
          db,
          `SELECT instance_id AS "instanceId", rules FROM pat_tool_rules WHERE instance_id IN (${placesFor(instanceIds)})`,
          [...instanceIds],
          transaction,
        )
  const saved = new Map(rows.map(({ instanceId, rules }) => [instanceId, rules]))
  return new Map(instanceIds.map((id) => [id, ruleSet(saved.get(id) ?? '[]')]))
}

/** The rules of one instance. */
export async function rulesOf(
  db: Sequelize,
  instanceId: string,
  transaction: Transaction | null = null,
): Promise<RuleSet> {
  return (await loadRules(db, [instanceId], transaction)).get(instanceId) ?? ruleSet('[]')
}

/** Saves all rules of an instance. @param rules in the order of `inOrder` */
export async function storeRules(
  db: Sequelize,
  { instanceId, rules, now }: { instanceId: string; rules: readonly ToolRule[]; now: Date },
  transaction: Transaction,
): Promise<RuleSet> {
  const text = JSON.stringify(rules)
  await writeRows(
    db,
    `INSERT INTO pat_tool_rules (instance_id, rules, updated_at) VALUES ($1, $2, $3)
     ON CONFLICT (instance_id) DO UPDATE SET rules = excluded.rules, updated_at = excluded.updated_at`,
    [instanceId, text, sqlTime(now)],
    transaction,
  )
  return ruleSet(text)
}

/** By server and tool, every field in its place, without what says nothing: the same rules are the same text. */
export function inOrder(rules: readonly ToolRule[]): ToolRule[] {
  return rules
    .filter(({ off, minimumRole, people, keepArguments }) => off || (minimumRole ?? people ?? keepArguments) !== null)
    .map(({ server, tool, off, minimumRole, people, keepArguments }) => ({
      server,
      tool,
      off,
      minimumRole,
      people: people && [...people].sort(),
      keepArguments: keepArguments && { redact: [...keepArguments.redact].sort() },
    }))
    .sort((a, b) => compareText(a.server, b.server) || compareText(a.tool, b.tool))
}

function ruleSet(text: string): RuleSet {
  const rules = JSON.parse(text) as ToolRule[]
  // No path has a blank in it.
  const byTool = new Map(rules.map((rule) => [`${rule.server} ${rule.tool}`, rule]))
  return {
    rules,
    version: createHash('sha256').update(text).digest('base64url').slice(0, VERSION_LENGTH),
    find: (server, tool) => byTool.get(`${server} ${tool}`) ?? null,
  }
}

/** 132 bits. */
const VERSION_LENGTH = 22
