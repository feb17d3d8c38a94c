/** So far tokens of an inventory are counted: whoever looks for one wants to know that there are too many, not how many. */
export const COUNTED_TOKENS = 10_000
