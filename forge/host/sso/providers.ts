import { randomUUID } from 'node:crypto'

import { Op, type Transaction } from 'sequelize'

import { PLATFORM_SCOPE } from '../../audit/entry.ts'
import type { Actor } from '../../audit/actor.ts'
import type { FoundProvider, Provider, ProviderInput, ProviderList } from '../../contract/sso.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import { refusingBrokenRules } from '../broken-rules.ts'
import type { HostStore } from '../store.ts'
import { checkInput, keepIds } from './ldap/check-input.ts'
import { findProvider } from './find-provider.ts'
import type { ProviderRow } from './model.ts'
import { withNewMapping } from './new-mapping.ts'
import { presentProvider } from './present-provider.ts'
import { confidantOf, openSecrets, sealSecrets, splitInput } from './settings.ts'
import type { Sso } from './sso.ts'

/** All of them, by name: there are few. */
export async function listProviders(sso: Sso): Promise<ProviderList> {
  const rows = await sso.sessions.store.Provider.findAll({ order: ['name', 'id'] })
  const providers = await Promise.all(rows.map((row) => presentProvider(sso, row)))
  return { count: providers.length, providers }
}

/** @throws {ForgeError} not_found */
export async function getProvider(sso: Sso, id: string): Promise<Provider> {
  return presentProvider(sso, await findProvider(sso.sessions.store, id))
}

/** @throws {ForgeError} not_found (a team), conflict (a domain or a team has a provider already) */
export async function createProvider(sso: Sso, actor: Actor, input: ProviderInput): Promise<Provider> {
  const id = randomUUID()
  await writing(sso, async (transaction) => {
    await insertProvider(sso, { id, source: 'page', input }, transaction)
    await record(sso, actor, { event: 'platform.sso.provider-created', id, name: input.name }, transaction)
  })
  return getProvider(sso, id)
}

/** Puts another configuration in the place of the one before, at once; a secret that is left out stays. */
export async function replaceProvider(sso: Sso, actor: Actor, id: string, input: ProviderInput): Promise<Provider> {
  const row = await findProvider(sso.sessions.store, id)
  refuseFromFile(row)
  await writing(sso, async (transaction) => {
    await withNewMapping(sso, { provider: row, actor }, transaction, () => updateProvider(sso, row, input, transaction))
    await record(sso, actor, { event: 'platform.sso.provider-updated', id, name: input.name }, transaction)
  })
  return getProvider(sso, id)
}

/**
 * Removes a provider: whom it vouched for keep their accounts, and what it managed is set by hand from then on.
 * @throws {ForgeError} not_found; conflict while a team is reached through it, or it comes from the file
 */
export async function deleteProvider(sso: Sso, actor: Actor, id: string): Promise<void> {
  const { store } = sso.sessions
  const row = await findProvider(store, id)
  refuseFromFile(row)
  const missing = () =>
    new ForgeError('conflict', 'Teams are reached through this provider. Take them from it first, then remove it.')

  await refusingBrokenRules({ missing }, () =>
    store.db.transaction(async (transaction) => {
      await store.Session.destroy({ where: { providerId: id }, transaction })
      await store.Member.update({ managedBy: null }, { where: { managedBy: id }, transaction })
      await store.Override.update({ managedBy: null }, { where: { managedBy: id }, transaction })
      await row.destroy({ transaction })
      await record(sso, actor, { event: 'platform.sso.provider-deleted', id, name: row.name }, transaction)
    }),
  )
}

/** The enabled provider of the address's domain, for the sign-in page. */
export async function findProviderFor(sso: Sso, email: string): Promise<FoundProvider> {
  const { store } = sso.sessions
  const domain = domainOf(email)
  const known = domain === null ? null : await store.Domain.findByPk(domain)
  const row = known && (await store.Provider.findOne({ where: { id: known.providerId, enabled: true } }))
  return { provider: row && found(sso, row) }
}

/** An enabled provider that a password is typed for here. */
export async function findPasswordProvider(sso: Sso, id: string): Promise<FoundProvider> {
  const row = await sso.sessions.store.Provider.findOne({ where: { id, type: 'ldap', enabled: true } })
  return { provider: row && found(sso, row) }
}

function found(sso: Sso, { id, name, type }: ProviderRow): NonNullable<FoundProvider['provider']> {
  return { id, name, signInUrl: signInUrl(sso, id), asksForPassword: type === 'ldap' }
}

function signInUrl({ baseUrl }: Pick<Sso, 'baseUrl'>, providerId: string): string {
  return `${baseUrl}/account/sso/${providerId}/start`
}

/** The part after the last @, in lower case; null without one. */
export function domainOf(email: string): string | null {
  return /@([^@\s]+)$/.exec(email)?.[1]?.toLowerCase() ?? null
}

function refuseFromFile({ source }: ProviderRow): void {
  if (source === 'file') {
    throw new ForgeError(
      'conflict',
      'This provider is configured in a file. Change it there, and start the forge again.',
    )
  }
}

function writing<T>(sso: Sso, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const duplicate = (rule: string) =>
    new ForgeError(
      'conflict',
      rule.includes('sso_teams')
        ? 'One of these teams is reached through another provider.'
        : 'One of these domains belongs to another provider.',
    )
  return refusingBrokenRules({ duplicate }, () => sso.sessions.store.db.transaction(work))
}

/** What writing needs; the file is applied before there is anything more. */
interface Writing {
  sessions: Pick<Sso['sessions'], 'store'>
  vault: Sso['vault']
}

export interface NewProvider {
  id: string
  source: ProviderRow['source']
  input: ProviderInput
}

/** @throws {ForgeError} not_found (a team), invalid_request */
export async function insertProvider(
  { sessions: { store }, vault }: Writing,
  { id, source, input }: NewProvider,
  transaction: Transaction,
): Promise<void> {
  checkInput(input)
  const { name, type, enabled } = input
  const { settings, secrets } = splitInput(input)
  const sealed = sealSecrets(vault, id, secrets)
  await store.Provider.create({ id, source, name: name.trim(), type, enabled, settings, ...sealed }, { transaction })
  await writeReach(store, id, input, transaction)
}

/** @throws {ForgeError} not_found (a team), invalid_request, conflict (another type, other ids) */
export async function updateProvider(
  { sessions: { store }, vault }: Writing,
  row: ProviderRow,
  input: ProviderInput,
  transaction: Transaction,
): Promise<void> {
  const { name, enabled } = input
  if (input.type !== row.type) throw new ForgeError('conflict', 'A provider keeps its type. Add another one instead.')
  checkInput(input)
  if (input.type === 'ldap') await keepIds(store, row, input.ldap, transaction)
  const { settings, secrets } = splitInput(input)
  // A secret that no key opens any more is as good as none.
  const kept = { ...openSecrets(vault, row), ...secrets }
  const moved = confidantOf(row) !== confidantOf({ type: row.type, settings })
  const sealed = sealSecrets(vault, row.id, moved ? secrets : kept)

  await row.update({ name: name.trim(), enabled, settings, ...sealed }, { transaction })
  await store.Domain.destroy({ where: { providerId: row.id }, transaction })
  await store.ProviderTeam.destroy({ where: { providerId: row.id }, transaction })
  await writeReach(store, row.id, input, transaction)
  if (!enabled) await store.Session.destroy({ where: { providerId: row.id }, transaction })
}

async function writeReach(
  { Domain, ProviderTeam, Team, Member, Override }: HostStore,
  providerId: string,
  { domains, teams: slugs }: ProviderInput,
  transaction: Transaction,
): Promise<void> {
  await Domain.bulkCreate(
    domains.map((domain) => ({ domain, providerId })),
    { transaction },
  )
  const teams = await Team.findAll({ where: { slug: slugs }, transaction })
  const unknown = slugs.find((slug) => !teams.some((team) => team.slug === slug))
  if (unknown !== undefined) throw new ForgeError('not_found', `There is no team with the slug ${unknown}.`)

  await ProviderTeam.bulkCreate(
    teams.map(({ id: teamId }) => ({ teamId, providerId })),
    { transaction },
  )
  // What was managed in a team that is the provider's no more is set by hand from now on.
  const managed = { managedBy: providerId }
  const elsewhere = { ...managed, teamId: { [Op.notIn]: teams.map(({ id }) => id) } }
  await Member.update({ managedBy: null }, { where: elsewhere, transaction })
  await Override.update({ managedBy: null }, { where: elsewhere, transaction })
}

type ProviderEvent = 'platform.sso.provider-created' | 'platform.sso.provider-updated' | 'platform.sso.provider-deleted'

async function record(
  { audit }: Sso,
  actor: Actor,
  { event, id, name }: { event: ProviderEvent; id: string; name: string },
  transaction: Transaction,
): Promise<void> {
  await audit.write({ event, actor, scopes: [PLATFORM_SCOPE], body: { provider: { id, name } } }, transaction)
}
