/** The first administrator of the forge that the journeys run against. */
export const ADMIN = {
  username: 'root',
  email: 'root@example.com',
  password: 'correct horse battery staple',
} as const
