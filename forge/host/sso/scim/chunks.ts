/** A statement names each of the people that it is about, and no database takes a statement of any length. */
const CHUNK = 1_000

/** Works through a list of any length, some at a time, one after the other. */
export async function inChunks(ids: string[], work: (some: string[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < ids.length; from += CHUNK) await work(ids.slice(from, from + CHUNK))
}
