import type { Transaction } from 'sequelize'
import { describe, expect, it } from 'vitest'

import { selectRows } from '../../../../../forge/sql/rows.ts'
import { eventually } from '../../../../support/eventually.ts'
import { hasPostgres } from '../../../../support/postgres.ts'
import { useScimForge } from './scene.ts'

const WAITING = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`

describe.runIf(hasPostgres)('a deadlock', () => {
  const world = useScimForge('postgres')
  const query = (transaction: Transaction, sql: string, bind: string[] = []) =>
    world.forge.db.query(sql, { bind, transaction })

  /** Holds a row until the request waits for it, and wants then one that the request holds. */
  async function cross<Answer>(held: [string, string], wanted: [string, string], request: () => Promise<Answer>) {
    return world.forge.db.transaction(async (transaction) => {
      // So it is the other one that PostgreSQL ends.
      await query(transaction, "SET LOCAL deadlock_timeout = '60s'")
      await query(transaction, `SELECT 1 FROM ${held[0]} WHERE id = $1 FOR UPDATE`, [held[1]])
      const answer = request()
      await eventually(async () => expect(await selectRows(world.forge.db, WAITING, [])).toHaveLength(1))
      await query(transaction, `SELECT 1 FROM ${wanted[0]} WHERE id = $1 FOR UPDATE`, [wanted[1]])
      return { answer }
    })
  }

  it('with who removes one of the people is only a delay to a provider', async () => {
    const { body: alice } = await world.tell('alice')
    const { body: group } = await world.tellGroup(`ff-${world.team.slug}-member`)
    const { userId } = await world.forge.store.ScimUser.findByPk(alice.id, { rejectOnEmpty: true })

    const add = { op: 'add', path: 'members', value: [{ value: alice.id }] }
    const { answer } = await cross(['users', userId], ['scim_users', alice.id], () =>
      world.patch(`/Groups/${group.id}`, add),
    )
    expect((await answer).status).toBe(204)
    const member = { teamId: world.team.id, userId }
    expect(await world.forge.store.Member.count({ where: member })).toBe(1)
  })

  it('is 503 to everybody else, who may try again', async () => {
    const { body: alice } = await world.tell('alice')
    const { userId } = await world.forge.store.ScimUser.findByPk(alice.id, { rejectOnEmpty: true })
    const remove = () => world.admin('DELETE', `/api/v1/users/${userId}`)

    const { answer } = await cross(['scim_users', alice.id], ['users', userId], remove)
    const { statusCode, headers, body } = await answer
    expect([statusCode, headers['retry-after']]).toEqual([503, '1'])
    expect(JSON.parse(body)).toMatchObject({ code: 'unavailable' })
    expect((await remove()).statusCode).toBe(204)
  })
})
