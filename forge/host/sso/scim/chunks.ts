/** A statement names each of the people that it is about, and no database takes a statement of any length. */
const CHUNK = 1_000

/** Works through a list of any length, some at a time, one after the other. */
export async function inChunks<Item>(items: Item[], work: (some: Item[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += CHUNK) await work(items.slice(from, from + CHUNK))
}
