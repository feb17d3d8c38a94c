import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

import { SCOPES } from '../contract/introspection.ts'
import { AuthorizationServerMetadataSchema, GRANTS, type AuthorizationServerMetadata } from '../contract/oauth.ts'

const WELL_KNOWN = '/.well-known/oauth-authorization-server'

export interface MetadataOptions {
  /** The forge's base URL, mount path included. */
  issuer: string
  /** What follows the well-known address where this is registered; nothing unless given. */
  path?: string
}

/**
 * RFC 8414. Registered with the module, it answers below the mount path, where clients look who append. The address
 * that section 3.1 gives has the mount path inserted behind the well-known one, and so lies outside of it: whoever owns
 * the root of the server registers this there once more, with the mount path as `path`.
 */
export const metadataRoute: FastifyPluginAsyncTypebox<MetadataOptions> = async (app, { issuer, path = '' }) => {
  const document = describe(issuer)

  app.get(
    WELL_KNOWN + path,
    {
      schema: {
        tags: ['OAuth'],
        security: [],
        summary: 'Describe the authorization server (RFC 8414)',
        description:
          'For everybody, from anywhere. Below a mount path it is at the inserted address too: ' +
          '`https://example.com/.well-known/oauth-authorization-server/pat` for a forge at `https://example.com/pat`.',
        response: { 200: AuthorizationServerMetadataSchema },
      },
    },
    async (_request, reply) => {
      reply.headers({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=3600' })
      return document
    },
  )
}

function describe(issuer: string): AuthorizationServerMetadata {
  return {
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    device_authorization_endpoint: `${issuer}/oauth/device_authorization`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    grant_types_supported: Object.values(GRANTS),
    // Required by section 2, and there is no authorization endpoint that could answer with any.
    response_types_supported: [],
    scopes_supported: Object.values(SCOPES),
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'Bearer'],
    revocation_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
    client_id_metadata_document_supported: true,
    service_documentation: `${issuer}/api/documentation`,
  }
}
