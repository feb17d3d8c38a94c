/** Default and longest life of a token, in days. Apart from the schemas, so that the pages carry no TypeBox. */
export const TOKEN_LIFETIME_DAYS = { default: 30, max: 366 } as const
