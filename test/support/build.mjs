import { buildIfStale } from '../../scripts/build.mjs'

/** Before the first test that starts a built process: dist/ is what the sources say. */
export const setup = buildIfStale
