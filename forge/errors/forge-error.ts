/** Every refusal that the module and its host know, with its HTTP status. */
export const STATUS_BY_CODE = {
  invalid_request: 400,
  invalid_setup_code: 400,
  invalid_expiry: 400,
  reason_required: 400,
  invalid_grant: 400,
  invalid_scope: 400,
  invalid_target: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  authorization_pending: 400,
  slow_down: 400,
  access_denied: 400,
  expired_token: 400,
  unauthorized: 401,
  invalid_login: 401,
  invalid_client: 401,
  invalid_token: 401,
  invalid_signature: 401,
  session_required: 403,
  cross_site: 403,
  forbidden: 403,
  role_too_high: 403,
  policy_refused: 403,
  reauthentication_required: 403,
  sso_required: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_many_tokens: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  unexpected_error: 500,
  unavailable: 503,
} as const

export type ErrorCode = keyof typeof STATUS_BY_CODE

/**
 * The one error of this project. `message` is public: a sentence for a person, without a secret.
 * Detail for the log goes into `cause`.
 */
export class ForgeError extends Error {
  readonly code: ErrorCode
  /** Seconds after which trying again makes sense (RFC 9110 section 10.2.3). */
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfterSeconds?: number } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'ForgeError'
    this.code = code
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  get statusCode(): number {
    return STATUS_BY_CODE[this.code]
  }
}
