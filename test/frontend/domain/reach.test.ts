import { describe, expect, it } from 'vitest'

import {
  highestRole,
  includedIn,
  listTargets,
  reachableInstances,
  searchTargets,
  toggleTarget,
  type Target,
} from '../../../frontend/domain/reach.ts'
import { TARGETS } from '../support/samples.ts'

const targets = listTargets(TARGETS)
const named = (name: string): Target => {
  const found = targets.find((target) => target.name === name)
  if (!found) throw new Error(`no target ${name}`)
  return found
}
const names = (found: { name: string }[]) => found.map(({ name }) => name)

describe('listTargets', () => {
  it('keeps the order of reading: a team, its applications, their instances', () => {
    expect(names(targets)).toEqual(['Line 4', 'Packaging', 'packer', 'labeller', 'Metering', 'meter', 'Research'])
  })

  it('holds the highest role anywhere in a team for the team, as the forge does', () => {
    expect(named('Line 4').role).toBe('member')
  })
})

describe('searchTargets', () => {
  it('shows a match with what it lies in', () => {
    expect(names(searchTargets(targets, ' PACKER '))).toEqual(['Line 4', 'Packaging', 'packer'])
  })

  it('shows a match with what lies in it', () => {
    expect(names(searchTargets(targets, 'metering'))).toEqual(['Line 4', 'Metering', 'meter'])
  })

  it('finds an instance by its address', () => {
    expect(names(searchTargets(targets, 'm.example.com'))).toContain('meter')
  })

  it('shows nothing for what nothing is called', () => {
    expect(searchTargets(targets, 'furnace')).toEqual([])
  })
})

describe('toggleTarget', () => {
  it('drops what a chosen application includes already', () => {
    const chosen = toggleTarget(targets, new Set(['instance:i1', 'instance:i3']), named('Packaging'))
    expect([...chosen]).toEqual(['instance:i3', 'application:a1'])
  })

  it('takes a choice back', () => {
    expect(toggleTarget(targets, new Set(['team:t2']), named('Research')).size).toBe(0)
  })
})

describe('includedIn', () => {
  it('names the team that includes an instance', () => {
    expect(includedIn(named('meter'), new Set(['team:t1']))).toBe('Line 4')
  })

  it('does not count a target as its own part', () => {
    expect(includedIn(named('Line 4'), new Set(['team:t1']))).toBeNull()
  })
})

describe('highestRole', () => {
  it('is the most that the person is in any of the targets', () => {
    expect(highestRole([named('meter'), named('packer')])).toBe('member')
  })

  it('is unknown as long as nothing is chosen', () => {
    expect(highestRole([])).toBeNull()
  })
})

describe('reachableInstances', () => {
  it('counts an instance once however often it is granted', () => {
    const grants = [{ type: 'application', id: 'a1' } as const, { type: 'instance', id: 'i1' } as const]
    expect(names(reachableInstances(targets, grants))).toEqual(['packer', 'labeller'])
  })
})
