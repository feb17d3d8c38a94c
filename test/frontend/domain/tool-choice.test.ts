import { describe, expect, it } from 'vitest'

import { callableNames, searchChoices, toolChoices } from '../../../frontend/domain/tool-choice.ts'
import { tokenTool } from '../support/samples.ts'

const READ = tokenTool()
const READ_ELSEWHERE = tokenTool({ instance: { id: 'i2', name: 'labeller' }, title: null })
const PURGE = tokenTool({ name: 'purge_buffer', title: null, writes: true, allowed: false, reason: 'It needs owner.' })

describe('what there is to choose from', () => {
  it('is each name once, with all its places, by the alphabet', () => {
    expect(toolChoices([READ, READ_ELSEWHERE, PURGE], new Set())).toEqual([
      { name: 'purge_buffer', title: '', places: ['packer'], writes: true },
      { name: 'read_metrics', title: 'Read the metrics', places: ['packer', 'labeller'], writes: false },
    ])
  })

  it('includes what was chosen and is offered no more', () => {
    expect(toolChoices([READ], new Set(['gone']))).toMatchObject([
      { name: 'gone', places: [] },
      { name: 'read_metrics', places: ['packer'] },
    ])
  })

  it('is found by name and by title', () => {
    const choices = toolChoices([READ, PURGE], new Set())
    const found = (text: string) => searchChoices(choices, text).map(({ name }) => name)
    expect([found(' PURGE'), found('the metrics'), found('nothing'), found('')]).toEqual([
      ['purge_buffer'],
      ['read_metrics'],
      [],
      ['purge_buffer', 'read_metrics'],
    ])
  })
})

it('tells what can be called everywhere, somewhere and nowhere', () => {
  const not = { allowed: false, reason: 'It is switched off.' }
  const stop = tokenTool({ name: 'stop_line' })
  expect(callableNames([READ, { ...READ_ELSEWHERE, ...not }, stop, PURGE])).toEqual({
    can: ['read_metrics (not at labeller)', 'stop_line'],
    cannot: ['purge_buffer'],
    reasons: ['It is switched off.', 'It needs owner.'],
  })
})
