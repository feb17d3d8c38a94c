import { randomInt, randomUUID } from 'node:crypto'

import type { Sequelize } from 'sequelize'

import { ROLE_LEVELS } from '../../forge/contract/role.ts'
import { defineTokenModels } from '../../forge/tokens/model.ts'
import { keyOfWidest, widestOf } from '../../forge/tokens/widest-grant.ts'
import { createTeam, createUser, openBrowser, type Browser } from '../support/builders.ts'
import type { TestForge } from '../support/forge.ts'

const DAY_MS = 86_400_000
/** Tokens were minted evenly since then. */
export const OLDEST_DAYS = 90
const ROWS_AT_ONCE = 1_000
const PEOPLE = 2_000
const APPLICATIONS = 20
const INSTANCES_OF_EACH = 10
/** Besides the team's own, so that there is something to leave out. */
const TOKENS_ELSEWHERE = 20_000

export interface InventoryScene {
  owner: Browser
  teamId: string
  /** One of the 200 of the team; a token in nine reaches it, or nearly all. */
  instanceId: string
  /** Somebody who holds as many tokens as anybody. */
  holderId: string
}

/**
 * A team of many, with so many tokens of theirs in every state, and tokens of the same people for another team.
 * @param allReach each token for this team alone names the team too, so that it reaches each of its instances
 */
export async function fillInventory(forge: TestForge, tokens: number, allReach = false): Promise<InventoryScene> {
  const { store } = forge
  const owner = await createUser(forge)
  const [team, elsewhere] = [await createTeam(forge, { owner }), await createTeam(forge, { owner })]
  const userIds = await addPeople(forge, team.id, await createUser(forge))
  const [here, there] = [await addInstances(forge, team.id), await addInstances(forge, elsewhere.id)]

  await addTokens(forge, { userIds, teamId: team.id, places: here, foreign: there, count: tokens, allReach })
  await addTokens(forge, { userIds, teamId: elsewhere.id, places: there, foreign: [], count: TOKENS_ELSEWHERE })
  await tidy(store.db)
  const instanceId = here.find(({ type }) => type === 'instance')?.id ?? ''
  return { owner: await openBrowser(forge, owner), teamId: team.id, instanceId, holderId: userIds[0] ?? '' }
}

/** As a database in use does by and by. */
const tidy = (db: Sequelize) => db.query(db.getDialect() === 'postgres' ? 'VACUUM ANALYZE' : 'ANALYZE')

async function addPeople({ store }: TestForge, teamId: string, like: { id: string }): Promise<string[]> {
  const { passwordHash } = await store.User.findByPk(like.id, { rejectOnEmpty: true })
  const ids = Array.from({ length: PEOPLE }, () => randomUUID())
  await store.User.bulkCreate(
    ids.map((id, n) => ({
      ...{ id, username: `person-${n}`, name: `Person ${n}`, email: `person-${n}@example.com`, admin: false },
      passwordHash,
    })),
  )
  await store.Member.bulkCreate(ids.map((userId, n) => ({ teamId, userId, roleLevel: n % 3 ? 30 : 10 })))
  return ids
}

interface Place {
  type: 'team' | 'application' | 'instance'
  id: string
}

async function addInstances({ store }: TestForge, teamId: string): Promise<Place[]> {
  const applications = Array.from({ length: APPLICATIONS }, (_, n) => ({
    ...{ id: randomUUID(), teamId, name: `application ${n}` },
  }))
  const instances = applications.flatMap(({ id: applicationId }) =>
    Array.from({ length: INSTANCES_OF_EACH }, (_, n) => ({
      ...{ id: randomUUID(), applicationId, name: `instance ${n}`, url: 'https://instance.example.com' },
      production: n === 0,
    })),
  )
  await store.Application.bulkCreate(applications)
  await store.Instance.bulkCreate(instances)
  return [
    ...applications.map(({ id }) => ({ type: 'application', id }) as const),
    ...instances.map(({ id }) => ({ type: 'instance', id }) as const),
  ]
}

interface Wish {
  userIds: readonly string[]
  teamId: string
  places: readonly Place[]
  /** Of another team, which some reach too. */
  foreign: readonly Place[]
  count: number
  /** Whether those for one team name it too. */
  allReach?: boolean
}

/** A tenth names the team, half one place, the others up to five; one in fifty is for another team too. With `allReach` all but those name the team. */
async function addTokens({ db }: TestForge, { userIds, count, ...wish }: Wish): Promise<void> {
  const { Token, Grant } = defineTokenModels(db)
  const now = Date.now()

  for (let first = 0; first < count; first += ROWS_AT_ONCE) {
    const minted = Array.from({ length: Math.min(ROWS_AT_ONCE, count - first) }, (_, n) => {
      const teamId = isForTwoTeams(wish, n) ? null : wish.teamId
      const grants = grantsOf(wish, n)
      const widest = widestOf(grants)
      const token = tokenOf({ userId: pick(userIds), teamId, n: first + n, now })
      const rows = grants.map((grant) => ({
        ...{ tokenId: token.id, type: grant.type, targetId: grant.id },
        ...{ inOneTeam: teamId !== null, widest: grant === widest },
      }))
      return { token: { ...token, widestGrant: keyOfWidest(grants) }, rows }
    })
    await Token.bulkCreate(minted.map(({ token }) => token))
    await Grant.bulkCreate(minted.flatMap(({ rows }) => rows))
  }
}

const isForTwoTeams = ({ foreign }: Pick<Wish, 'foreign'>, n: number) => foreign.length > 0 && n % 50 === 7

function tokenOf({ userId, teamId, n, now }: { userId: string; teamId: string | null; n: number; now: number }) {
  const id = randomUUID()
  const at = (everyNth: number, ms: number) => (n % everyNth === 0 ? new Date(now + ms) : null)
  return {
    ...{ id, familyId: id, userId, teamId, selector: id.replaceAll('-', '').slice(0, 12), keyId: '00000000' },
    secretHash: '$argon2id$v=19$m=4096,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g',
    prefilter: '00000000',
    name: `token ${n} of a laptop`,
    description: 'For the client at home.',
    roleLevel: Object.values(ROLE_LEVELS).filter((level) => level > 0)[n % 4] ?? 10,
    readOnly: n % 2 === 0,
    // A third lives, the others have ended in one way or another, as after some months.
    expiresAt: new Date(now + (n % 2 ? 30 : -30) * DAY_MS),
    revokedAt: at(7, -DAY_MS),
    retiresAt: at(11, n % 2 ? DAY_MS : -DAY_MS),
    replacedById: n % 11 === 0 ? randomUUID() : null,
    lastUsedAt: n % 5 ? new Date(now - randomInt(60 * DAY_MS)) : null,
    createdAt: new Date(now - randomInt(OLDEST_DAYS * DAY_MS)),
  }
}

function grantsOf(wish: Pick<Wish, 'teamId' | 'places' | 'foreign' | 'allReach'>, n: number): Place[] {
  const some = Array.from({ length: n % 2 ? 1 : 1 + randomInt(5) }, () => pick(wish.places))
  const whole = { type: 'team' as const, id: wish.teamId }
  const here = n % 10 === 0 ? [whole] : some
  if (isForTwoTeams(wish, n)) return [...new Set([...here, pick(wish.foreign)])]
  return [...new Set(wish.allReach ? [whole, ...some] : here)]
}

function pick<Item>(items: readonly Item[]): Item {
  const item = items[randomInt(items.length)]
  if (item === undefined) throw new RangeError('there is none')
  return item
}
