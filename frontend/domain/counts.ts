import { formatNumber } from './dates.ts'

/** "1 member", "12 members". @param noun in the singular; its plural takes an s */
export const count = (value: number, noun: string): string =>
  `${formatNumber(value)} ${value === 1 ? noun : `${noun}s`}`
