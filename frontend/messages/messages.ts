import { en } from './en.ts'

/** Every sentence of the pages, by where it stands (test/lint/words.test.ts). Another language is another file of the same shape. */
export type Messages = typeof en

/** The words that are shown. */
export let t: Messages = en

/** Takes other words. Modules read them when they are loaded, so this comes before the first page is. */
export function speak(words: Messages): void {
  t = words
}
