import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { expect } from 'vitest'

import type { CreatedToken } from '../../../forge/contract/token.ts'
import { openDatabase } from '../../../forge/host/database.ts'
import { createStore } from '../../../forge/host/store.ts'
import { createSecretKeys } from '../../../forge/keys.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  PASSWORD,
  type TestInstance,
} from '../../support/builders.ts'
import { TEST_SECRET_KEY } from '../../support/forge.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** A team with members, and an instance. */
export interface Scene {
  instance: TestInstance
  usernames: string[]
}

/** Seeds a database that a forge has migrated. */
export async function seed(databaseUrl: string, people: number): Promise<Scene> {
  const db = await openDatabase(databaseUrl)
  const forge = { store: createStore(db), keys: createSecretKeys(TEST_SECRET_KEY) }
  try {
    const team = await createTeam(forge)
    const instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
    const usernames: string[] = []
    for (let n = 0; n < people; n++) {
      const user = await createUser(forge)
      await addMember(forge, { team, user, role: 'member' })
      usernames.push(user.username)
    }
    return { instance, usernames }
  } finally {
    await db.close()
  }
}

/** The cookie of a browser in which the person is signed in. */
export async function signInAt(forgeUrl: string, username: string): Promise<string> {
  const body = JSON.stringify({ username, password: PASSWORD })
  const response = await fetch(`${forgeUrl}/account/login`, { method: 'POST', headers: JSON_TYPE, body })
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0]
  if (response.status !== 200 || cookie === undefined) throw new Error(`signing in was answered ${response.status}`)
  return cookie
}

/** What an answer was; null for a connection that ended without one. */
export interface Answer<T> {
  status: number
  retryAfterMs: number
  body: T
  text: string
}

async function ask<T>(url: string, init: RequestInit): Promise<Answer<T> | null> {
  try {
    const response = await fetch(url, init)
    const text = await response.text()
    const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1_000
    return { status: response.status, retryAfterMs, text, body: (text ? JSON.parse(text) : null) as T }
  } catch (error) {
    if (error instanceof TypeError) return null // fetch failed: nobody there, or gone in the middle
    throw error
  }
}

export interface MintOptions {
  expiresAt?: string
  origin?: string
}

export function mintAt(
  forgeUrl: string,
  cookie: string,
  { id }: { id: string },
  { expiresAt = new Date(Date.now() + 3_600_000).toISOString() }: MintOptions = {},
): Promise<Answer<CreatedToken> | null> {
  const wish = { name: 'under load', role: 'viewer', readOnly: true, grants: [{ type: 'instance', id }], expiresAt }
  const headers = { cookie, ...JSON_TYPE }
  return ask(`${forgeUrl}/api/v1/tokens`, { method: 'POST', headers, body: JSON.stringify(wish) })
}

export function revokeAt(forgeUrl: string, cookie: string, tokenId: string): Promise<Answer<unknown> | null> {
  return ask(`${forgeUrl}/api/v1/tokens/${tokenId}`, { method: 'DELETE', headers: { cookie } })
}

export function introspectAt(
  forgeUrl: string,
  { credential }: { credential: string },
  token: string,
): Promise<Answer<{ active: boolean; jti?: string }> | null> {
  return ask(`${forgeUrl}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }).toString(),
  })
}

/** Every entry and checkpoint, as `forge-pat audit verify` sees it. */
export async function expectWholeAudit(databaseUrl: string): Promise<void> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, FORGE_SECRET_KEY: TEST_SECRET_KEY }
  const args = ['bin/forge-pat.mjs', 'audit', 'verify', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  const report = JSON.parse(stdout) as { entries: number; problemCount: number }
  expect(report).toMatchObject({ problemCount: 0 })
  expect(report.entries).toBeGreaterThan(0)
}
