import { plural } from '../messages/plural.ts'

/** "1 member", "12 members". @param noun in the singular; its plural takes an s */
export const count = (value: number, noun: string): string => plural(value, { one: `# ${noun}`, other: `# ${noun}s` })
