import type { TokenTool } from '@contract/tool-registry.ts'
import { t } from '../messages/messages.ts'

/** A name of tools that a token can be limited to: the same one may be offered at several places. */
export interface ToolChoice {
  name: string
  /** Of the first that has one. */
  title: string
  /** Where it is offered; empty where it was chosen before and nobody offers it now. */
  places: string[]
  writes: boolean
}

/** The names that are offered, and those that are chosen already, by the alphabet. */
export function toolChoices(tools: readonly TokenTool[], chosen: ReadonlySet<string>): ToolChoice[] {
  const byName = new Map<string, ToolChoice>()
  const choiceOf = (name: string): ToolChoice => {
    const choice = byName.get(name) ?? { name, title: '', places: [], writes: false }
    byName.set(name, choice)
    return choice
  }
  for (const { name, title, instance, writes } of tools) {
    const choice = choiceOf(name)
    choice.title ||= title ?? ''
    choice.writes ||= writes
    if (!choice.places.includes(instance.name)) choice.places.push(instance.name)
  }
  for (const name of chosen) choiceOf(name)
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name))
}

export function searchChoices(choices: readonly ToolChoice[], text: string): ToolChoice[] {
  const wanted = text.trim().toLocaleLowerCase()
  return choices.filter(({ name, title }) => `${name} ${title}`.toLocaleLowerCase().includes(wanted))
}

/** What a token could call, by name. Something that it can call at one place only is named with the others. */
export function callableNames(tools: readonly TokenTool[]) {
  const namesOf = (some: readonly TokenTool[]) => [...new Set(some.map(({ name }) => name))]
  const can = namesOf(tools.filter(({ allowed }) => allowed))
  const refused = tools.filter(({ allowed }) => !allowed)
  return {
    can: can.map((name) => {
      const not = refused.filter((tool) => tool.name === name).map(({ instance }) => instance.name)
      return not.length === 0 ? name : t.toolChoiceWords.notAt(name, [...new Set(not)].join(', '))
    }),
    cannot: namesOf(refused).filter((name) => !can.includes(name)),
    reasons: [...new Set(refused.flatMap(({ reason }) => (reason === null ? [] : [reason])))],
  }
}
