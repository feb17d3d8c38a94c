/** What somebody typed, separated by blanks, commas or lines. */
export const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)

/** The lines that hold something. */
export const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
