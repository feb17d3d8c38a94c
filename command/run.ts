import { parseArgs } from 'node:util'

import { EXIT, UsageError, type Command, type Terminal, type Values } from '../forge/cli/command.ts'
import { CommandError } from './command-error.ts'

/** A command in the list. What it needs is loaded when it is called. */
export interface Entry {
  name: string
  /** One line for the list of commands. */
  summary: string
  load(): Promise<Command>
}

/**
 * Runs the command that the words name.
 * @param words what was typed after `forge-pat`
 * @returns the exit code
 */
export async function runCli(words: string[], entries: readonly Entry[], terminal: Terminal): Promise<number> {
  const entry = entries.find(({ name }) => name.split(' ').every((word, index) => words[index] === word))

  try {
    if (entry) return await runCommand(await entry.load(), words.slice(entry.name.split(' ').length), terminal)
    if (!asksForHelp(words)) throw new UsageError('There is no such command.')

    terminal.print(overview(entries))
    return EXIT.ok
  } catch (error) {
    terminal.complain(`forge-pat: ${explain(error)}`)
    if (error instanceof UsageError) terminal.complain(`Try: forge-pat ${entry ? `${entry.name} ` : ''}--help`)
    return error instanceof CommandError ? error.exitCode : EXIT.trouble
  }
}

function asksForHelp(words: string[]): boolean {
  return words.length === 0 || words[0] === 'help' || words.includes('--help') || words.includes('-h')
}

async function runCommand(command: Command, args: string[], terminal: Terminal): Promise<number> {
  const { values, words } = parse(command, args)
  if (values['help'] !== true) return command.run(values, terminal, words)

  terminal.print(
    `Usage: forge-pat ${[command.name, command.arguments, '[options]'].filter(Boolean).join(' ')}\n\n${command.help}`,
  )
  return EXIT.ok
}

/** @throws {UsageError} */
function parse(command: Command, args: string[]): { values: Values; words: string[] } {
  const everywhere = { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { ...command.options, ...everywhere },
      allowPositionals: command.arguments !== undefined,
      strict: true,
    })
    return { values, words: positionals }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function overview(entries: readonly Entry[]): string {
  const width = Math.max(...entries.map(({ name }) => name.length))
  const list = entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'Usage: forge-pat <command> [options]',
    '',
    'Commands:',
    ...list,
    '',
    'Every command explains itself with --help.',
  ].join('\n')
}

/** Named, not by class: what a person can mend is one sentence, whichever part says it, and no part is loaded for it. */
const FOR_PEOPLE = new Set(['UsageError', 'ConfigError', 'CommandError'])

/** Anything else is a fault, and its stack helps to find it. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return FOR_PEOPLE.has(error.name) ? error.message : (error.stack ?? error.message)
}
