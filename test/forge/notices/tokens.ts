import type { Sequelize } from 'sequelize'

import { defineTokenModels } from '../../../forge/tokens/model.ts'

export interface TokenFacts {
  id: string
  userId?: string
  name?: string
  createdAt?: string
  expiresAt?: string | null
  revokedAt?: string | null
  issuedVia?: 'page' | 'exchange'
}

/** Writes a token's row, with one grant; nobody can use it, since its hash is none. */
export async function createTokenRow(db: Sequelize, facts: TokenFacts): Promise<void> {
  const { Token, Grant } = db.isDefined('PatToken')
    ? { Token: db.model('PatToken'), Grant: db.model('PatTokenGrant') }
    : defineTokenModels(db)
  const time = (text: string | null | undefined) => (text ? new Date(text) : null)

  await Token.create({
    id: facts.id,
    selector: facts.id.slice(0, 12).padEnd(12, '-'),
    secretHash: 'none',
    prefilter: '00000000',
    keyId: '00000000',
    userId: facts.userId ?? 'alice',
    name: facts.name ?? facts.id,
    description: '',
    familyId: facts.id,
    issuedVia: facts.issuedVia ?? 'page',
    roleLevel: 10,
    readOnly: true,
    expiresAt: time(facts.expiresAt),
    revokedAt: time(facts.revokedAt),
    createdAt: time(facts.createdAt ?? '2026-01-01T00:00:00.000Z'),
  })
  await Grant.create({ tokenId: facts.id, type: 'team', targetId: 'team' })
}
