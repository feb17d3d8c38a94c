import type { FastifyReply, FastifyRequest } from 'fastify'

import type { SsoProblem } from '../../contract/sso.ts'
import { sessionOf } from '../sessions/person.ts'
import { noteReauthenticated } from '../sessions/reauthenticated.ts'
import { endSession, startSession, type ThroughProvider } from '../sessions/sessions.ts'
import type { HostStore } from '../store.ts'
import type { Flow } from './flow.ts'
import type { Proved } from './identities.ts'
import type { ProviderRow } from './model.ts'
import type { ProviderLogout } from './oidc/sign-in.ts'
import { noSuchProvider } from './find-provider.ts'
import { SsoRefusal } from './refusal.ts'
import { signInThrough, type Origin } from './sign-in.ts'
import { sealLogout } from './sign-out.ts'
import type { Sso } from './sso.ts'
import { recordTest } from './try-provider.ts'

/** A whole office comes from one address in the morning, and a provider from one all day. */
export const perAddress = { rateLimit: { max: 600, timeWindow: '1 minute' } }

/** What a provider has proved of somebody, by whatever protocol. */
export interface Answer {
  proved: Proved
  /** All that it said, for who tries it out. */
  claims: Record<string, unknown>
  /** What the provider calls its session; null where it names none. */
  providerSid: string | null
  /** How to sign out there; null where the provider knows no way. */
  logout: ProviderLogout | null
}

export interface Way {
  provider: ProviderRow
  purpose: Flow['purpose']
}

/** A provider is tried by administrators, whether it is enabled or not; everybody else needs it enabled. */
export async function checkMayGo(sso: Sso, request: FastifyRequest, { provider, purpose }: Way): Promise<void> {
  if (purpose === 'sign-in') {
    if (!provider.enabled) throw new SsoRefusal('disabled')
    return
  }
  const session = await sessionOf(sso.sessions, request)
  if (!session?.admin) throw noSuchProvider()
}

/** The end of the way of a browser that came back from a provider. @returns where it goes next */
export async function arrive(
  sso: Sso,
  request: FastifyRequest,
  reply: FastifyReply,
  { provider, answer, flow }: { provider: ProviderRow; answer: Answer; flow: Flow },
): Promise<string> {
  if (flow.purpose === 'test') {
    await recordTest(sso, provider, answer)
    return testPage(sso, provider)
  }
  await letIn(sso, request, reply, { provider, answer })
  return sso.baseUrl + flow.returnTo
}

/** Signs somebody in whom a provider has proved. @throws {SsoRefusal} */
export async function letIn(
  sso: Sso,
  request: FastifyRequest,
  reply: FastifyReply,
  { provider, answer }: { provider: ProviderRow; answer: Omit<Answer, 'claims'> },
): Promise<void> {
  const { store, cookie } = sso.sessions
  const userId = await signInThrough(sso, provider, answer.proved, originOf(request))

  // The session before, if there was one, ends: what somebody planted in this browser must not become signed in.
  const before = await sessionOf(sso.sessions, request)
  const cookieBefore = cookie.read(request)
  if (cookieBefore !== null) await endSession(store, cookieBefore)
  const { authTime } = answer.proved
  const through = {
    providerId: provider.id,
    authenticatedAt: authTime === null ? null : new Date(authTime),
    providerSid: answer.providerSid,
    sealedLogout: answer.logout && sealLogout(sso, answer.logout),
  }
  const sid = await startSessionOf(store, userId, through)
  await noteReauthenticated(store, sso.audit, { before, sid, method: 'sso' }, request)
  cookie.write(reply, sid)
}

/** Whoever disables the provider at this moment waits, and then ends this session too; or has come before. @throws {SsoRefusal} */
function startSessionOf(store: HostStore, userId: string, through: ThroughProvider): Promise<string> {
  return store.db.transaction(async (transaction) => {
    const lock = transaction.LOCK.SHARE
    const provider = await store.Provider.findByPk(through.providerId, { lock, transaction })
    if (!provider?.enabled) throw new SsoRefusal('disabled')
    return startSession(store, userId, Date.now(), through, transaction)
  })
}

/** Redirects where the work says; a refusal leads to the page that has the words for it. */
export async function orExplain(
  sso: Sso,
  request: FastifyRequest,
  reply: FastifyReply,
  { provider, purpose }: Way,
  work: () => Promise<string>,
): Promise<FastifyReply> {
  try {
    return await reply.redirect(await work(), 303)
  } catch (error) {
    if (!(error instanceof SsoRefusal)) throw error
    request.log.warn({ provider: provider.name, problem: error.problem, err: error.cause }, 'a sign-in was refused')
    if (purpose === 'test') {
      await recordTest(sso, provider, { error: error.problem })
      return reply.redirect(testPage(sso, provider), 303)
    }
    return reply.redirect(explanation(sso, provider, error.problem), 303)
  }
}

const testPage = ({ baseUrl }: Sso, { id }: ProviderRow) => `${baseUrl}/single-sign-on/${id}`

function explanation({ baseUrl }: Sso, { name }: ProviderRow, problem: SsoProblem): string {
  return `${baseUrl}/login?${new URLSearchParams({ problem, provider: name }).toString()}`
}

export function originOf({ id, ip }: FastifyRequest): Origin {
  return { requestId: id, address: ip }
}
