let insideFlowFuse = false

/** Says that these pages are shown within FlowFuse's own. */
export function standInFlowFuse(): void {
  insideFlowFuse = true
}

/**
 * Whether people, teams and instances are those of a FlowFuse at the same address. The server writes it into the page;
 * what FlowFuse does itself is left out here.
 */
export function isBesideFlowFuse(): boolean {
  if (insideFlowFuse) return true
  return document.querySelector<HTMLMetaElement>('meta[name="forge-host"]')?.content === 'flowfuse'
}

/** FlowFuse's own start page, where people sign in. */
export const FLOWFUSE = '/'
