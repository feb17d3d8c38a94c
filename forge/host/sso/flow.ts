import { randomBytes } from 'node:crypto'

import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Sso } from './sso.ts'

/** How long somebody may take to sign in at the provider. */
const LIFETIME_MS = 15 * 60_000

/** What a browser that was sent to a provider must bring back. It is in that browser's cookie alone, encrypted. */
export interface Flow {
  providerId: string
  /** `test` signs nobody in: it shows an administrator what would happen. */
  purpose: 'sign-in' | 'test'
  state: string
  nonce: string
  codeVerifier: string
  /** A path below the mount path. */
  returnTo: string
  /** The provider was told to ask for the person's proof again. */
  reauthenticate: boolean
  expiresAt: number
}

/** What a browser is sent to a provider for. */
export type Wish = Pick<Flow, 'providerId' | 'purpose' | 'returnTo' | 'reauthenticate'>

/** One cookie for each way that is under way, so that two windows don't disturb each other. */
const cookieName = (state: string) => `sso_${state.slice(0, 16)}`
const PURPOSE = 'flow'

export function beginFlow(sso: Sso, reply: FastifyReply, wish: Wish): Flow {
  const [state, nonce, codeVerifier] = [random(), random(), random()]
  const flow: Flow = { ...wish, state, nonce, codeVerifier, expiresAt: Date.now() + LIFETIME_MS }

  const { keyId, text } = sso.vault.seal(JSON.stringify(flow), PURPOSE)
  const options = { ...scopeOf(sso), maxAge: LIFETIME_MS / 1000 }
  void reply.setCookie(cookieName(state), `${keyId}.${text}`, options)
  return flow
}

/** The flow that this browser began with this state; null for any other. It can be taken once: its cookie goes. */
export function takeFlow(sso: Sso, request: FastifyRequest, reply: FastifyReply, state: string): Flow | null {
  const name = cookieName(state)
  const [keyId = '', text = ''] = (request.cookies[name] ?? '').split('.')
  if (text === '') return null
  void reply.clearCookie(name, scopeOf(sso))

  const opened = sso.vault.open({ keyId, text }, PURPOSE)
  const flow = opened === null ? null : (JSON.parse(opened) as Flow)
  return flow && flow.state === state && Date.now() < flow.expiresAt ? flow : null
}

function scopeOf({ baseUrl }: Sso) {
  const { protocol, pathname } = new URL(baseUrl)
  const path = `${pathname.replace(/\/$/, '')}/account/sso`
  return { path, httpOnly: true, sameSite: 'lax', secure: protocol === 'https:' } as const
}

/** 256 bits: enough for a state, a nonce (OpenID Connect Core 15.5.2) and a code verifier (RFC 7636 section 4.1). */
function random(): string {
  return randomBytes(32).toString('base64url')
}
