import { createHash } from 'node:crypto'

const SCRIPT = 'document.forms[0].submit()'

/** Nothing but that script, and a form that leads to this forge alone. */
export const POST_AGAIN_POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What a browser brought from a provider, by a form. */
export interface PostedForm {
  SAMLResponse: string
  RelayState: string
}

/**
 * A page that posts the same form again, from this forge. A provider's page posts across sites, and a browser sends no
 * SameSite=Lax cookie with that: the cookie of the way that is under way comes with the second post.
 * @param action a path of this forge
 */
export function postAgainPage(action: string, { SAMLResponse, RelayState }: PostedForm): string {
  const hidden = Object.entries({ SAMLResponse, RelayState, again: '1' }).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Signing in</title>
<form method="post" action="${escapeHtml(action)}">
${hidden.join('\n')}
<p>Signing in…</p>
<button>Continue</button>
</form>
<script>${SCRIPT}</script>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
