import { aptInstall, runs } from './apt.mjs'

/** Where Debian has it is not on everybody's path. */
const isHere = () => runs('nginx', ['-v']) || runs('/usr/sbin/nginx', ['-v'])

/**
 * Makes sure that the documented configuration can be tried out.
 * @returns a sentence about what the tests will use
 * @throws {Error} that says what to do
 */
export function ensureNginx() {
  if (isHere() || (aptInstall('nginx-light') && isHere())) return 'The tests put nginx in front of two forges.'
  throw new Error('The tests need nginx and found none. Install it (Debian: apt-get install nginx-light).')
}
