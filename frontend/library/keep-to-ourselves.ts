import type { AtRule, Plugin, Rule } from 'postcss'

const ROOT = '.forge-pat'

/**
 * Lets styles that were written for a page of our own hold below `.forge-pat` alone, for the build of the library. What
 * is said of the whole page is said of that element. FlowFuse's pages are light whatever the system is: so are ours there.
 */
export const keepToOurselves = (): Plugin => ({
  postcssPlugin: 'keep-to-ourselves',
  Once(root) {
    root.walkAtRules('media', (media) => void (media.params.includes('prefers-color-scheme') && media.remove()))
    root.walkDecls('color-scheme', (declaration) => void (declaration.value = 'light'))
    root.walkRules((rule) => {
      if (!isFrame(rule)) rule.selectors = [...new Set(rule.selectors.map(below))]
    })
  },
})

/** `from`, `to` and percentages within `@keyframes`. */
const isFrame = ({ parent }: Rule): boolean => parent?.type === 'atrule' && (parent as AtRule).name === 'keyframes'

/** `:root` may have a condition, which `.forge-pat` fulfils. */
function below(selector: string): string {
  if (selector.startsWith(ROOT)) return selector
  if (/^(?:html|body|:root)\b/.test(selector)) return ROOT
  return `${ROOT} ${selector}`
}
