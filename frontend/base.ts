/** The server writes it into a `<base href>` of its own. */
let forge = new URL('.', document.baseURI)

/** Says where the forge is to pages that stand in someone else's. @param url may be a path of the same host */
export function standAt(url: string): void {
  forge = new URL(url.endsWith('/') ? url : `${url}/`, document.baseURI)
}

/** The mount path of the forge, with a slash at both ends. */
export const mountPath = (): string => forge.pathname

/** The forge's own address, as an instance is told it: without a slash at its end. */
export const forgeUrl = (): string => forge.href.replace(/\/$/, '')

/** An address below the mount path. @param path without a leading slash */
export const address = (path: string): string => new URL(path, forge).href
