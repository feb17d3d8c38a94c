import { parseArgs } from 'node:util'

import { ConfigError } from '../host/config.ts'
import { EXIT, UsageError, type Command, type Terminal, type Values } from './command.ts'

/**
 * Runs the command that the words name.
 * @param words what was typed after `forge-pat`
 * @returns the exit code
 */
export async function runCli(words: string[], commands: Command[], terminal: Terminal): Promise<number> {
  const command = commands.find(({ name }) => name.split(' ').every((word, index) => words[index] === word))

  try {
    if (command) return await runCommand(command, words.slice(command.name.split(' ').length), terminal)
    if (!asksForHelp(words)) throw new UsageError('There is no such command.')

    terminal.print(overview(commands))
    return EXIT.ok
  } catch (error) {
    terminal.complain(`forge-pat: ${explain(error)}`)
    if (error instanceof UsageError) terminal.complain(`Try: forge-pat ${command ? `${command.name} ` : ''}--help`)
    return EXIT.trouble
  }
}

function asksForHelp(words: string[]): boolean {
  return words.length === 0 || words[0] === 'help' || words.includes('--help') || words.includes('-h')
}

async function runCommand(command: Command, args: string[], terminal: Terminal): Promise<number> {
  const values = parse(command, args)
  if (values['help'] !== true) return command.run(values, terminal)

  terminal.print(`Usage: forge-pat ${command.name} [options]\n\n${command.help}`)
  return EXIT.ok
}

/** @throws {UsageError} */
function parse({ options }: Command, args: string[]): Values {
  const everywhere = { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const
  try {
    return parseArgs({ args, options: { ...options, ...everywhere }, strict: true }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function overview(commands: Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'Usage: forge-pat <command> [options]',
    '',
    'Commands:',
    ...list,
    '',
    'Every command explains itself with --help.',
  ].join('\n')
}

/** What a person can mend is one sentence. Anything else is a fault, and its stack helps to find it. */
function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof ConfigError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
