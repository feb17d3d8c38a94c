import { existsSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

import { writeAtomically } from '../store/atomic-file.ts'

/** The line that would keep a file out of the project's history; null: not in a project, or already ignored. */
export function ignoreLine(path: string, project: string): string | null {
  const inside = relative(project, path)
  if (inside.startsWith('..') || !existsSync(join(project, '.git'))) return null

  const line = `/${inside.split(sep).join('/')}`
  const lines = readIgnored(project).split(/\r?\n/)
  return lines.some((one) => one.trim().replace(/^\//, '') === line.slice(1)) ? null : line
}

export function addIgnoreLine(line: string, project: string): void {
  const before = readIgnored(project)
  const gap = before === '' || before.endsWith('\n') ? '' : '\n'
  writeAtomically(join(project, '.gitignore'), `${before}${gap}${line}\n`, { mode: 0o644 })
}

function readIgnored(project: string): string {
  const path = join(project, '.gitignore')
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
