import type { FastifyInstance } from 'fastify'

import { createAuditWorker } from './audit/audit-worker.ts'
import { oldChangesTask } from './changes/old-changes.ts'
import { startHousekeeper } from './housekeeping/housekeeper.ts'
import type { Task } from './housekeeping/task.ts'
import { tombstoneTask } from './housekeeping/tombstones.ts'
import { oldConfirmationsTask } from './instances/confirmations.ts'
import { oldCountsTask } from './limits/counts.ts'
import { oldCallsTask } from './mcp/old-calls.ts'
import { oldToolsTask } from './mcp/old-tools.ts'
import { leakReportsTask, type LeakReports } from './leaks/reports.ts'
import { expiryDigestTask } from './notices/expiry-digest.ts'
import { createMailer } from './notices/mailer.ts'
import { oldNoticesTask } from './notices/old-notices.ts'
import { outboxTask } from './notices/outbox.ts'
import { oldCodesTask } from './oauth/old-codes.ts'
import type { ModuleMetrics } from './metrics.ts'
import type { ForgePatOptions } from './options.ts'
import { cleanupTask } from './tokens/cleanup.ts'
import { notedEndsTask } from './tokens/ends.ts'
import { expiringTokens } from './tokens/expiring.ts'
import { noteWidestGrantsTask } from './tokens/note-widest-grants.ts'
import { oldSlipsTask } from './tokens/slips.ts'
import type { TokenStore } from './tokens/store.ts'
import { deleteEndedTokens } from './tokens/tombstones.ts'
import { oldUsageTask } from './tokens/usage.ts'

/** What the work in the background is done with. */
export interface Parts {
  store: TokenStore
  reports: LeakReports
  metrics: Pick<ModuleMetrics, 'onRun'>
}

/** What goes on without a request: the audit is sealed and streamed, notices are mailed, ends are told, remains removed. */
export function runInBackground(app: FastifyInstance, options: ForgePatOptions, parts: Parts): void {
  const { db, keys, auditSinks: sinks = {}, housekeeping = true } = options

  app.addHook('onReady', async () => {
    const auditWorker = createAuditWorker({ db, keys, sinks, onError: (error, what) => app.log.error(error, what) })
    auditWorker.start()
    const housekeeper = startHousekeeper({
      db,
      tasks: housekeeping ? tasksOf(app, options, parts) : [],
      log: app.log,
      onRun: parts.metrics.onRun,
    })

    stops.push(async () => {
      await housekeeper.close()
      await auditWorker.close()
    })
  })

  const stops: (() => Promise<void>)[] = []
  app.addHook('onClose', async () => {
    for (const stop of stops) await stop()
  })
}

/** Each is done once however many forges there are. */
function tasksOf(
  app: FastifyInstance,
  { db, directory, mail, baseUrl, tombstoneDays, callLogDays }: ForgePatOptions,
  { store, reports }: Parts,
): Task[] {
  return [
    expiryDigestTask({ db, expiringTokens: (from, to) => expiringTokens(db, from, to) }),
    outboxTask({
      db,
      mailer: mail ? createMailer(mail) : null,
      emailOf: async (userIds) => {
        const people = await directory.people(userIds)
        return new Map(people.filter(({ suspended }) => !suspended).map((person) => [person.id, person]))
      },
      forgeUrl: baseUrl,
      log: app.log,
    }),
    tombstoneTask({ deleteEnded: (ended, limit) => deleteEndedTokens(store, ended, limit), tombstoneDays }),
    oldNoticesTask(db),
    oldCodesTask(db),
    oldToolsTask(db),
    oldCallsTask(db, callLogDays),
    oldCountsTask(db),
    oldChangesTask(db),
    oldConfirmationsTask(db),
    cleanupTask(store),
    oldUsageTask(store),
    oldSlipsTask(store),
    notedEndsTask(store),
    noteWidestGrantsTask(store),
    leakReportsTask(reports),
  ]
}
