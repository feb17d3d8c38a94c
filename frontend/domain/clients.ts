import { CLIENTS } from '../../clients/all.ts'

import { t } from '../messages/messages.ts'

/** What a token can be for: the clients whose config is known, and what has none. */
export interface ClientChoice {
  id: string
  name: string
}

export const CLIENT_CHOICES: readonly ClientChoice[] = [
  ...CLIENTS.map(({ id, name }) => ({ id, name })),
  { id: 'n8n', name: t.clients.n8n },
  { id: 'script', name: t.clients.script },
]

export const isClient = (id: unknown): id is string => CLIENT_CHOICES.some((choice) => choice.id === id)

export const clientName = (id: string): string => CLIENT_CHOICES.find((choice) => choice.id === id)?.name ?? ''
