import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { startServer, type ServerProcess } from './process.ts'

const MAIN = fileURLToPath(new URL('../../dist/forge/host/main.js', import.meta.url))

export interface Forge extends ServerProcess {
  url: string
}

export interface ForgeOptions {
  /** Where its database and its key go. */
  folder: string
  port: number
  admin: { username: string; password: string; email: string }
}

/** Starts the forge as `npm start` does, on a database of its own. @throws {Error} when it does not come up */
export async function startForge({ folder, port, admin }: ForgeOptions): Promise<Forge> {
  const url = `http://127.0.0.1:${port}`
  const server = await startServer({
    name: 'The forge',
    script: MAIN,
    env: {
      PORT: String(port),
      BASE_URL: url,
      DATABASE_URL: `sqlite:${join(folder, 'forge.db')}`,
      FORGE_ADMIN_USERNAME: admin.username,
      FORGE_ADMIN_PASSWORD: admin.password,
      FORGE_ADMIN_EMAIL: admin.email,
      LOG_LEVEL: 'warn',
    },
    ready: ['is ready at'],
  })
  return { ...server, url }
}
