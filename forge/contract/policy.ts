import { Type, type Static } from '@sinclair/typebox'

import { GrantTypeSchema } from './grant.ts'
import { RoleSchema } from './role.ts'

// In a file of its own, so that the pages can have it without the schemas.
export { DEFAULT_POLICY, SSO_FRESHNESS_DAYS } from './default-policy.ts'

/** What a team allows of tokens that reach its instances. Holds at mint, rotate, widen and at every use. */
export const TokenPolicySchema = Type.Object(
  {
    enabled: Type.Boolean({ description: 'Off: no token reaches this team.' }),
    maxLifetimeDays: Type.Integer({
      minimum: 1,
      maximum: 366,
      description: 'Counted from the minting; shortening it ends tokens that are older.',
    }),
    allowNoExpiry: Type.Boolean({ description: 'Tokens may live without an end.' }),
    maxRole: RoleSchema,
    readOnlyOnly: Type.Boolean({ description: 'Every token is read-only here.' }),
    grantTypes: Type.Array(GrantTypeSchema, {
      minItems: 1,
      uniqueItems: true,
      description: 'How tokens may name what they reach here.',
    }),
    productionNeedsApproval: Type.Boolean({
      description: 'An owner of the team must approve a token before it reaches an instance marked production.',
    }),
    ssoFreshnessDays: Type.Union([Type.Integer({ minimum: 1, maximum: 366 }), Type.Null()], {
      description:
        'How old the last sign-in through the identity provider may be in a team that is reached through one. ' +
        'Null: 30 days.',
    }),
    mcpOnly: Type.Boolean({ description: 'Tokens reach MCP endpoints here, and no other address of an instance.' }),
  },
  { $id: 'TokenPolicy', additionalProperties: false },
)
export type TokenPolicy = Static<typeof TokenPolicySchema>
