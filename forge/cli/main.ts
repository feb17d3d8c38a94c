import { auditVerify } from './audit-verify.ts'
import { keysStatus } from './keys-status.ts'
import { runCli } from './run.ts'

process.exitCode = await runCli(process.argv.slice(2), [auditVerify, keysStatus], {
  env: process.env,
  print: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
})
