import { createHash, randomBytes } from 'node:crypto'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'

import { connect } from './support/calls.ts'
import { logOf, restart, type FlowFuseInstance } from './support/instances.ts'
import { expect, test } from './support/lane.ts'
import { createMember, mint, ROLE } from './support/people.ts'
import { signInOnPage } from './support/sign-in.ts'
import type { Site } from './support/site.ts'

/** What each of the two plugins says in the instance's log when Node-RED loads it. */
const LOADED = {
  theirs: 'FlowFuse HTTP Authentication Plugin loaded',
  ours: 'the httpNodeMiddleware (or forgePat.fallback) of the settings file decides alone',
} as const

/** The plugins as the instance loaded them when it was started last. */
async function orderIn({ admin }: Site, { uuid }: FlowFuseInstance): Promise<string[]> {
  const said = (await logOf(admin, uuid)).flatMap(({ msg }) => {
    const known = Object.entries(LOADED).find(([, text]) => msg.includes(text))
    return known ? [known[0]] : []
  })
  return said.slice(-2)
}

/**
 * Lets Node-RED find FlowFuse's plugin in the instance's own folder, whose packages come before those of the stack. The
 * order is the same in a stack with launcher and nodes in one folder, which Node-RED reads by the alphabet.
 * @returns how to put it back
 */
async function putTheirsFirst({ home }: Site, { uuid }: FlowFuseInstance): Promise<() => Promise<void>> {
  const packages = join(home.projectFolder(uuid), 'node_modules/@flowfuse')
  await mkdir(packages, { recursive: true })
  await symlink(home.launcher, join(packages, 'nr-launcher'))
  return () => rm(packages, { recursive: true })
}

/** FlowFuse's own token for an instance's HTTP endpoints. Its route for them wants a licence; its check of them does not. */
async function createHttpToken({ home }: Site, { uuid }: FlowFuseInstance): Promise<string> {
  const token = `ffhttp_${randomBytes(32).toString('base64url')}`
  const hash = createHash('sha256').update(token).digest('base64')
  await home.run(
    `INSERT INTO "AccessTokens" ("token", "scope", "ownerId", "ownerType", "name", "createdAt", "updatedAt")
     VALUES ($1, '', $2, 'http', 'a script', $3, $3)`,
    [hash, uuid, new Date().toISOString()],
  )
  return token
}

for (const order of [
  ['ours', 'theirs'],
  ['theirs', 'ours'],
]) {
  test.describe(`where Node-RED loads ${order.join(' before ')}, FlowFuse’s authentication being on`, () => {
    let putBack: (() => Promise<void>) | undefined

    test.beforeAll(async ({ site, line }) => {
      if (order[0] === 'theirs') {
        putBack = await putTheirsFirst(site, line)
        await restart(site, line)
      }
      expect(await orderIn(site, line)).toEqual(order)
    })
    // For its next start.
    test.afterAll(() => putBack?.())

    test('a token of ours says who calls, at an endpoint and at a tool', async ({ site, team, line }) => {
      const person = await createMember(site, team, ROLE.member)
      const { token } = await mint(person, line.id)

      const answer = await fetch(`${line.url}/who`, { headers: { authorization: `Bearer ${token}` } })
      expect(await answer.json()).toMatchObject({ user: { username: person.username }, authorization: null })
      expect(answer.headers.get('set-cookie')).toBeNull()
      const caller = await connect(line, token)
      expect(await caller.whoami()).toMatchObject({ username: person.username, role: 'member' })
      await caller.close()
    })

    test('FlowFuse’s token for the instance is let in as nobody, and another is not', async ({ site, line }) => {
      const call = (token: string) => fetch(`${line.url}/who`, { headers: { authorization: `Bearer ${token}` } })

      const answer = await call(await createHttpToken(site, line))
      expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ user: null })])
      const refused = await call(`ffhttp_${randomBytes(32).toString('base64url')}`)
      expect(refused.status).toBe(401)
      // Its answer, not ours.
      expect(refused.headers.get('www-authenticate')).toBeNull()
    })

    test('a browser is sent to FlowFuse to sign in, comes back, and is known by its session from then on', async ({
      page,
      site,
      team,
      line,
    }) => {
      const person = await createMember(site, team, ROLE.member)
      const url = `${line.url}/who`
      const user = async () => (JSON.parse(await page.locator('body').innerText()) as { user: unknown }).user

      await page.goto(url)
      expect(new URL(page.url()).origin).toBe(site.url)
      await signInOnPage(page, site.url, person)
      await page.waitForURL(url)
      expect(await user()).toMatchObject({ username: person.username })

      const again = await page.goto(url)
      expect(again?.request().redirectedFrom()).toBeNull()
      expect(await user()).toMatchObject({ username: person.username })
    })
  })
}
