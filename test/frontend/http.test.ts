import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { call, messageOf, onSessionEnded, Refusal } from '../../frontend/http.ts'
import { answerWith } from './support/forge.ts'

const ENDED = { status: 401, body: { code: 'unauthorized', error: 'Sign in first.' } }

beforeEach(() => onSessionEnded(null))
afterEach(() => vi.unstubAllGlobals())

describe('call', () => {
  it('sends JSON below the mount path and reads the answer', async () => {
    const calls = answerWith({ 'POST /api/v1/teams': { status: 201, body: { id: 't1' } } })
    expect(await call('POST', 'api/v1/teams', { name: 'Line 4' })).toEqual({ id: 't1' })
    const headers = { accept: 'application/json', 'content-type': 'application/json' }
    expect(calls).toEqual([{ method: 'POST', path: '/api/v1/teams', query: {}, body: { name: 'Line 4' }, headers }])
  })

  it('takes an empty answer', async () => {
    answerWith({ 'DELETE /api/v1/tokens/k1': { status: 204 } })
    expect(await call('DELETE', 'api/v1/tokens/k1')).toBeNull()
  })

  it("throws the forge's own words", async () => {
    answerWith({ 'GET /api/v1/teams/x': { status: 404, body: { code: 'not_found', error: 'There is no such team.' } } })
    await expect(call('GET', 'api/v1/teams/x')).rejects.toMatchObject({
      code: 'not_found',
      status: 404,
      message: 'There is no such team.',
    })
  })

  it('says the status where something else than the forge answered', async () => {
    answerWith({ 'GET /api/v1/teams': { status: 502, body: '<h1>Bad gateway</h1>' } })
    await expect(call('GET', 'api/v1/teams')).rejects.toThrow('The forge could not answer (status 502).')
  })

  it('says that nothing answered', async () => {
    answerWith({})
    await expect(call('GET', 'api/v1/teams')).rejects.toMatchObject({ code: 'unreachable', status: 0 })
  })
})

describe('a session that has ended', () => {
  it('lets the call wait for a new sign-in and makes it again', async () => {
    const answers = [ENDED, { body: { id: 't1' } }]
    answerWith({ 'GET /api/v1/teams/t1': () => answers.shift() ?? ENDED })
    onSessionEnded(async () => true)
    expect(await call('GET', 'api/v1/teams/t1')).toEqual({ id: 't1' })
  })

  it('refuses the call when the person does not sign in', async () => {
    answerWith({ 'GET /api/v1/teams/t1': ENDED })
    onSessionEnded(async () => false)
    await expect(call('GET', 'api/v1/teams/t1')).rejects.toThrow('Sign in first.')
  })

  it('is told from a sign-in that is too old for what mints power', async () => {
    const refusal = { code: 'reauthentication_required', error: 'Confirm that it is you.' }
    answerWith({ 'POST /api/v1/tokens': { status: 403, body: refusal } })
    const renew = vi.fn(async () => false)
    onSessionEnded(renew)
    await expect(call('POST', 'api/v1/tokens', {})).rejects.toThrow('Confirm that it is you.')
    expect(renew).toHaveBeenCalledWith('unconfirmed')
  })

  it('is not what a wrong password means', async () => {
    const renew = vi.fn(async () => true)
    onSessionEnded(renew)
    answerWith({ 'PUT /api/v1/user/password': { status: 401, body: { code: 'invalid_login', error: 'It is wrong.' } } })
    await expect(call('PUT', 'api/v1/user/password', {})).rejects.toThrow('It is wrong.')
    expect(renew).not.toHaveBeenCalled()
  })
})

describe('messageOf', () => {
  it('shows the words of a refusal and hides those of a fault', () => {
    expect(messageOf(new Refusal('not_found', 'There is no such team.', 404))).toBe('There is no such team.')
    expect(messageOf(new TypeError('x is undefined'))).toContain('Something went wrong on this page.')
  })
})
