import type { InstanceEvent } from '../forge/contract/instance-events.ts'
import { openCallLog, type CallLog } from './call-log/call-log.ts'
import { createConfirmations } from './confirmations.ts'
import { createExchanger, type Exchanger } from './exchange-token.ts'
import { createForgeApi } from './forge-api.ts'
import { startIntrospector, type Introspector } from './introspector.ts'
import { createToolGate, type ToolGate } from './mcp/tool-gate.ts'
import { holdToolRegistry, type ToolRegistry } from './mcp/tool-registry.ts'
import { holdToolRules } from './mcp/tool-rules.ts'
import type { InstanceSettings } from './options.ts'
import { openPushChannel } from './push-channel.ts'
import { createSlipReports, type SlipReports } from './slip-reports.ts'
import { troubleLog } from './trouble.ts'

/** The connection of an instance to its forge. One for each instance, shared by all that it serves. */
export interface ForgeLink {
  readonly introspector: Introspector
  readonly exchanger: Exchanger
  readonly registry: ToolRegistry
  readonly calls: CallLog
  readonly slips: SlipReports
  readonly gate: ToolGate
  /** Where this instance is found; MCP servers are below. */
  readonly resourceUrl: URL
  /** Ends it: calls that are logged and not yet reported stay on disk, where there is a folder for them. */
  close(): Promise<void>
}

export function createForgeLink(settings: InstanceSettings): ForgeLink {
  const { stateFolder, log } = settings
  if (stateFolder === null) log(NO_FOLDER)

  const forge = createForgeApi(settings)
  const owner = `${settings.forgeUrl} ${settings.instanceId ?? ''}`
  const isLive = () => push.isLive()
  const introspector = startIntrospector(settings, isLive)
  const exchanger = createExchanger(forge)
  const registry = holdToolRegistry(forge, { stateFolder, owner, log })
  const calls = openCallLog(forge, { stateFolder, log })
  const slips = createSlipReports(forge)
  const confirmations = createConfirmations(forge)

  const report = troubleLog(log, {
    unexpected: 'The push channel to the forge is down: changes are noticed within 10 seconds instead of at once.',
    over: 'The push channel to the forge is up again.',
  })
  const push = openPushChannel(forge, { onEvent: follow, onDown: (error) => error && report(error) })
  const rules = holdToolRules(forge, { stateFolder, owner, isLive, log })

  function follow(event: InstanceEvent): void {
    if (event.event === 'forget') {
      forget(event.data.tokenId)
      if (event.data.confirm && event.data.tokenId !== undefined) confirmations.note(event.data.tokenId)
    }
    if (event.event === 'rules') void rules.refresh()
    if (event.event !== 'hello') return

    report(null)
    confirmations.listenAs(event.data.listenerId ?? null)
    if (!event.data.resumed) {
      forget()
      void rules.refresh()
    }
    // The forge is there: what waits for it need not wait any longer.
    registry.report()
    calls.report()
  }

  function forget(tokenId?: string): void {
    introspector.forget(tokenId)
    exchanger.forget(tokenId)
  }

  return {
    introspector,
    exchanger,
    registry,
    calls,
    slips,
    gate: createToolGate({ rules, calls }),
    resourceUrl: settings.resourceUrl,
    close: async () => {
      push.close()
      confirmations.close()
      exchanger.forget()
      rules.close()
      slips.close()
      registry.close()
      await calls.close()
    },
  }
}

const NO_FOLDER =
  'There is no folder for the state of this instance (stateFolder, FORGE_STATE_FOLDER): tool rules and calls that are ' +
  'not yet reported are held in memory, and end with this process.'
