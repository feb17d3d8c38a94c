import type { Notice } from '@contract/notice.ts'
import type { RouteLocationRaw } from 'vue-router'
import { t } from '../messages/messages.ts'

/** The page where a person does something about a notice. */
export function placeOf(notice: Notice): { to: RouteLocationRaw; label: string } {
  switch (notice.kind) {
    case 'approval-requested':
      return {
        to: { name: 'forge-pat-team-approvals', params: { id: notice.body.team.id } },
        label: t.noticesWords.decide,
      }
    case 'tokens-end':
    case 'policy-changed':
      return toToken(notice.body.tokens.length === 1 ? notice.body.tokens[0]?.id : undefined)
    case 'token-revoked':
    case 'retired-token-used':
    case 'token-leaked':
    case 'approval-decided':
      return toToken(notice.body.token.id)
  }
}

function toToken(id: string | undefined): { to: RouteLocationRaw; label: string } {
  if (id === undefined) return { to: { name: 'forge-pat-tokens' }, label: t.noticesWords.goToYourTokens }
  return { to: { name: 'forge-pat-tokens', query: { token: id } }, label: t.noticesWords.goToTheToken }
}
