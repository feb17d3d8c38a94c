import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { PARTS, type PartName } from './parts.ts'

export interface BenchOptions {
  parts: PartName[]
  rounds: number
  seconds: number
  tokens: number
  minutes: number
  rate: number
  /** Files that are written. */
  json: string
  svg: string
}

const DOCS = join(import.meta.dirname, '../../docs/contribute')

const HELP = `npm run bench [-- options]

Measures the forge beside its peers and against its targets, in one run on this machine, and writes the figures to
docs/contribute/bench.json and docs/contribute/bench.svg. Needs PostgreSQL, and nothing else to do for the machine.
A quarter of an hour; Ctrl-C cleans up.

  --only a,b       only these parts:
${Object.entries(PARTS)
  .map(([name, { about }]) => `                     ${name.padEnd(15)} ${about}`)
  .join('\n')}
  --rounds 5       rounds in which all contenders take their turns
  --seconds 2      of each turn
  --tokens 1000000 in the large databases; the small ones have a thousand
  --minutes 0.5    for how long the memory of a forge under mixed load is watched
  --rate 100       requests a second of that load, so that it can run for an hour beside other work; as many as the
                   forge can answer unless said otherwise
  --out folder     where bench.json and bench.svg go
  --help           this

Figures of parts that do not run are kept as they stand in bench.json.`

/** Ends the process where there is nothing to measure. */
export function readOptions(args: string[], say: (text: string) => void): BenchOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        only: { type: 'string', default: Object.keys(PARTS).join() },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '2' },
        tokens: { type: 'string', default: '1000000' },
        minutes: { type: 'string', default: '0.5' },
        rate: { type: 'string', default: 'Infinity' },
        out: { type: 'string', default: DOCS },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      say(HELP)
      process.exit(0)
    }
    return {
      parts: values.only.split(',').map(partName),
      rounds: positive('rounds', values.rounds, 1),
      seconds: positive('seconds', values.seconds, 0.1),
      tokens: positive('tokens', values.tokens, 1_000),
      minutes: positive('minutes', values.minutes, 0.1),
      rate: positive('rate', values.rate, 1),
      json: join(values.out, 'bench.json'),
      svg: join(values.out, 'bench.svg'),
    }
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    process.exit(2)
  }
}

function partName(text: string): PartName {
  const name = (Object.keys(PARTS) as PartName[]).find((each) => each === text)
  if (!name) throw new RangeError(`There is no part called ${text}.`)
  return name
}

function positive(name: string, text: string, atLeast: number): number {
  const value = Number(text)
  if (value >= atLeast) return value
  throw new RangeError(`--${name} must be a number, at least ${atLeast}.`)
}
