import { verifyAudit, type AuditReport } from '../audit/verify.ts'
import { readConfig } from '../host/config.ts'
import { loadSecretKeys } from '../host/secret-key.ts'
import { everyKey } from '../keys.ts'
import { EXIT, UsageError, type Command, type Values } from './command.ts'
import { withReadOnlyDatabase } from './read-only-database.ts'

/** Needs no running forge, and writes nothing. */
export const auditVerify: Command = {
  name: 'audit verify',
  help: `Looks at every audit entry and every checkpoint. Reads DATABASE_URL, FORGE_SECRET_KEY and
FORGE_SECRET_KEYS_OLD as the forge does, needs no running forge, and writes nothing.

Options:
  --anchor <number>:<mac>  an anchor that an earlier run printed, or that was streamed: that checkpoint must be there
  --json                   print the report as JSON
  -h, --help               print this

Exit codes: 0 nothing is wrong, 1 something is, 2 it could not be verified.`,
  options: { anchor: { type: 'string' } },

  async run(values, { env, print }) {
    const anchor = readAnchor(values)
    const config = readConfig(env)
    const report = await withReadOnlyDatabase(config.databaseUrl, async (db) => {
      const keys = await loadSecretKeys(config, { create: false })
      return verifyAudit(db, everyKey(keys), anchor)
    })

    print(values['json'] === true ? JSON.stringify(report) : describe(report))
    return report.problemCount === 0 ? EXIT.ok : EXIT.found
  },
}

/** @throws {UsageError} */
function readAnchor({ anchor }: Values): { anchor?: string } {
  if (anchor === undefined) return {}
  if (typeof anchor === 'string' && /^\d{1,15}:[0-9a-f]{64}$/.test(anchor)) return { anchor }
  throw new UsageError('An anchor is the number of a checkpoint, a colon, and 64 hexadecimal digits.')
}

function describe({ entries, unsealed, checkpoints, anchor, problems, problemCount }: AuditReport): string {
  const unnamed = problemCount - problems.length
  return [
    `Verified ${count(entries, 'entry', 'entries')} and ${count(checkpoints, 'checkpoint', 'checkpoints')}; ` +
      `${unsealed} not under a checkpoint yet.`,
    ...problems.map(({ problem }) => `  ${problem}`),
    ...(unnamed > 0 ? [`  … and ${unnamed} more.`] : []),
    problemCount === 0
      ? 'Nothing is changed, missing, inserted or displaced.'
      : `${count(problemCount, 'problem', 'problems')} found.`,
    ...(anchor === null ? [] : [`Anchor, to be kept elsewhere: ${anchor}`]),
  ].join('\n')
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}
