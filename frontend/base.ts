/** The mount path of the forge, with a slash at both ends. The server writes it into a `<base href>` of its own. */
export const mountPath = new URL('.', document.baseURI).pathname

/** The forge's own address, as an instance is told it: without a slash at its end. */
export const forgeUrl = new URL('.', document.baseURI).href.replace(/\/$/, '')

/** An address below the mount path. @param path without a leading slash */
export const address = (path: string): string => new URL(path, document.baseURI).href
