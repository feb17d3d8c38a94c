/**
 * The pages speak English; the person's own kind of it decides how dates look. A German browser would otherwise get
 * German months in English sentences.
 */
export const LOCALE = navigator.languages.find((language) => /^en\b/i.test(language)) ?? 'en-GB'

const numberFormat = new Intl.NumberFormat(LOCALE)

export const formatNumber = (value: number): string => numberFormat.format(value)
