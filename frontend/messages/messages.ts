import { en } from './en.ts'

/** Every sentence of the pages, by where it stands (test/lint/words.test.ts). Another language is another file of the same shape. */
export type Messages = typeof en

/** The words that are shown. */
export const t: Messages = en
