/** One thing that was looked at. */
export interface Finding {
  state: 'ok' | 'hint' | 'wrong'
  /** What was seen. */
  says: string
  /** What to do about it. */
  todo?: string
}

export const ok = (says: string): Finding => ({ state: 'ok', says })
export const hint = (says: string, todo: string): Finding => ({ state: 'hint', says, todo })
export const wrong = (says: string, todo: string): Finding => ({ state: 'wrong', says, todo })
