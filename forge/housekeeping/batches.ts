/** Rows that one step writes at most, so that it holds up nobody who uses the table. */
const BATCH = 500

/** Goes on batch by batch until nothing is left or it should stop. @param doSome answers how many rows it dealt with */
export async function inBatches(doSome: (limit: number) => Promise<number>, shouldStop: () => boolean): Promise<void> {
  let done = BATCH
  while (done === BATCH && !shouldStop()) done = await doSome(BATCH)
}
