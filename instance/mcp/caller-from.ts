import type { AuthInfo } from '@modelcontextprotocol/server'

import { ROLE_LEVELS } from '../../forge/contract/role-levels.ts'
import type { Caller } from '../caller.ts'

/**
 * Who calls, from the `authInfo` that an SDK server hands to its handlers (`extra.authInfo` in v1, `ctx.http.authInfo`
 * in v2); null when it does not come from our middleware.
 */
export function callerFrom(authInfo: AuthInfo | undefined): Caller | null {
  const extra = authInfo?.extra
  if (!authInfo || !isCallerExtra(extra)) return null

  return { ...extra, scopes: authInfo.scopes }
}

type CallerExtra = Omit<Caller, 'scopes'>

/** The middleware writes all or nothing; a look at the parts that decide something is enough to tell. */
function isCallerExtra(extra: unknown): extra is CallerExtra {
  if (!isObject(extra)) return false
  const { user, team, role, readOnly, tools, tokenId, auditRef, presenter } = extra
  return (
    isObject(user) &&
    typeof user['userId'] === 'string' &&
    isObject(team) &&
    isObject(role) &&
    typeof role['name'] === 'string' &&
    Object.hasOwn(ROLE_LEVELS, role['name']) &&
    typeof readOnly === 'boolean' &&
    // Its absence would read as "no limit".
    (tools === null || Array.isArray(tools)) &&
    isObject(presenter) &&
    typeof tokenId === 'string' &&
    typeof auditRef === 'string'
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
