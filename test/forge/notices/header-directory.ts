import type { Directory } from '../../../forge/directory/directory.ts'

/** A host without teams, in which the header `x-user` stands for a browser session. */
export const headerDirectory: Directory = {
  async sessionUser(request) {
    const userId = request.headers['x-user']
    return typeof userId === 'string' ? { userId, username: userId, sessionId: 'session', authenticatedAt: 0 } : null
  },
  memberships: async () => [],
  access: async () => null,
  authenticateInstance: async () => null,
  team: async () => null,
  instance: async () => null,
  members: async () => [],
  people: async () => [],
  ownersOf: async () => [],
  names: async () => ({ instances: new Map(), applications: new Map(), teams: new Map() }),
}
