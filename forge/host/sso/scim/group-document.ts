import type { Filter } from './filter.ts'
import { assignments, stepsOf, type Step } from './operations.ts'
import { ScimRefusal } from './scim-error.ts'
import { fieldsOf, invalid, listOf, textOf } from './values.ts'

/** All that a provider says of a group. */
export interface GroupDocument {
  displayName: string
  externalId: string | null
  /** Ids of people. */
  members: Set<string>
}

/** @throws {ScimRefusal} */
export function readGroup(body: unknown): GroupDocument {
  return apply({ displayName: '', externalId: null, members: new Set() }, assignments(body), { strict: false })
}

/** Pure. @throws {ScimRefusal} */
export function patchGroup({ members, ...document }: GroupDocument, body: unknown): GroupDocument {
  return apply({ ...document, members: new Set(members) }, stepsOf(body), { strict: true })
}

function apply(document: GroupDocument, steps: Step[], { strict }: { strict: boolean }): GroupDocument {
  for (const step of steps) applyStep(document, step, strict)
  if (document.displayName === '') throw invalid('displayName is missing.')
  return document
}

function applyStep(document: GroupDocument, step: Step, strict: boolean): void {
  const { op, path, value } = step

  switch (path.attribute) {
    case 'displayname':
      document.displayName = op === 'remove' ? '' : (textOf(value, 'displayName') ?? '')
      return
    case 'externalid':
      document.externalId = op === 'remove' ? null : textOf(value, 'externalId')
      return
    case 'members':
      applyMembers(document, step)
      return
    default:
      if (strict) throw new ScimRefusal('invalidPath', 'There is no such attribute.')
  }
}

function applyMembers(document: GroupDocument, { op, path: { filter, sub }, value }: Step): void {
  if (sub !== null && sub !== 'value') throw new ScimRefusal('mutability', 'Of a member only its value can be set.')
  const ids = listOf(value).map(memberId)

  if (op === 'remove') {
    // By a filter; by a list, as Entra does; or all of them.
    const meant = filter ? idsOf(filter) : ids
    if (!filter && ids.length === 0) document.members.clear()
    meant.forEach((id) => document.members.delete(id))
    return
  }
  if (filter) throw new ScimRefusal('noTarget', 'Members are added by a list, not by a filter.')
  if (op === 'replace') document.members.clear()
  ids.forEach((id) => document.members.add(id))
}

/** `value eq "…"`, one or several: looking at each member for each operation is work that anybody could ask for. */
function idsOf(filter: Filter): string[] {
  if (filter.op === 'or') return filter.filters.flatMap(idsOf)
  const isValue = filter.op === 'eq' && filter.attrPath.toLowerCase() === 'value'
  if (!isValue || typeof filter.compValue !== 'string') {
    throw new ScimRefusal('invalidFilter', 'Members are named by: value eq "…".')
  }
  return [filter.compValue]
}

function memberId(value: unknown): string {
  const id = textOf(typeof value === 'string' ? value : fieldsOf(value, 'members').get('value'), 'members.value')
  if (id === null) throw invalid('A member has no value.')
  return id
}
