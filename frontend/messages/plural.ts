import { formatNumber, LOCALE } from './locale.ts'

const rules = new Intl.PluralRules(LOCALE)

/** The forms of one phrase. `#` stands for the number; languages with more forms than English have more of them. */
export type Forms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>

/** "1 token", "12 tokens": the form that the language asks for, with the number as it is written there. */
export const plural = (value: number, forms: Forms): string =>
  (forms[rules.select(value)] ?? forms.other).replace('#', formatNumber(value))
