import { Ajv, type ValidateFunction } from 'ajv'

import { IntrospectionSchema, type Introspection } from '../forge/contract/introspection.ts'
import { createForgeApi, ForgeUnavailableError } from './forge-api.ts'
import type { IntrospectorSettings } from './options.ts'

/** As much as the forge keeps. */
const MAX_CLIENT_LENGTH = 200

const isIntrospection: ValidateFunction<Introspection> = new Ajv().compile<Introspection>(IntrospectionSchema)

/** What is known of who presents a token; shown to its owner as the last use. */
export interface Presenter {
  /** What the client calls itself. */
  client?: string | undefined
  address?: string | undefined
}

export type AskForge = (token: string, presenter: Presenter) => Promise<Introspection>

/** Asks the forge about a presented token (RFC 7662 section 2.1). The function throws {ForgeUnavailableError}. */
export function createForgeClient(settings: IntrospectorSettings): AskForge {
  const forge = createForgeApi(settings)
  const endpoint = `${settings.forgeUrl}/oauth/introspect`

  return async (token, { client = '', address = '' }) => {
    const body = new URLSearchParams({ token, client: client.slice(0, MAX_CLIENT_LENGTH), client_address: address })
    const response = await forge('/oauth/introspect', { method: 'POST', body, expect: [200] })
    return readAnswer(response, settings, endpoint)
  }
}

async function readAnswer(
  response: Response,
  { instanceId }: IntrospectorSettings,
  endpoint: string,
): Promise<Introspection> {
  const answer: unknown = await response.json().catch(() => null)
  if (!isIntrospection(answer)) {
    throw new ForgeUnavailableError(`What answers at ${endpoint} is no forge that this instance understands.`)
  }
  if (answer.active && instanceId !== undefined && !isSame(answer.forge.instance.id, instanceId)) {
    throw new ForgeUnavailableError(
      `The credential of this instance belongs to another one: the forge takes it for ${answer.forge.instance.id}.`,
    )
  }
  return answer
}

/** In a FlowFuse, the forge's id of an instance is FlowFuse's with that of its team behind it: it is another in each. */
function isSame(answered: string, instanceId: string): boolean {
  return answered === instanceId || answered.startsWith(`${instanceId}_`)
}
