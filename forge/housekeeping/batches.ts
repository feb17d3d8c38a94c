/** Rows that one statement deletes at most, so that it holds up nobody who uses the table. */
const BATCH = 500

/** Deletes batch by batch until nothing is left or it should stop. @param deleteSome answers how many rows it deleted */
export async function inBatches(
  deleteSome: (limit: number) => Promise<number>,
  shouldStop: () => boolean,
): Promise<void> {
  let deleted = BATCH
  while (deleted === BATCH && !shouldStop()) deleted = await deleteSome(BATCH)
}
