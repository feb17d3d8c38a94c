export interface Slapd {
  command: string
  schemas: string
  modules: string
  env: Record<string, string>
}
export function findSlapd(): Slapd | null
export function ensureSlapd(): string
