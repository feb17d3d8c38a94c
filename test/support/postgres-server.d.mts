/** @returns what stops the server that was started, if one was */
export function setup(): Promise<(() => Promise<void>) | undefined>
