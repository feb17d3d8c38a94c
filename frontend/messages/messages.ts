import { en } from './en.ts'

/** Every sentence of the pages about one's own tokens. Another language is another file of the same shape. */
export type Messages = typeof en

/** The words that are shown. */
export const t: Messages = en
