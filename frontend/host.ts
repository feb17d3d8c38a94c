/**
 * Whether people, teams and instances are those of a FlowFuse at the same address. The server writes it into the page;
 * what FlowFuse does itself is left out here.
 */
export function isBesideFlowFuse(): boolean {
  return document.querySelector<HTMLMetaElement>('meta[name="forge-host"]')?.content === 'flowfuse'
}

/** FlowFuse's own start page, where people sign in. */
export const FLOWFUSE = '/'
