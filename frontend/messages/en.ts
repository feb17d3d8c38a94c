import { audit } from './en/audit.ts'
import { calls } from './en/calls.ts'
import { created } from './en/created.ts'
import { device } from './en/device.ts'
import { drawer } from './en/drawer.ts'
import { fields } from './en/fields.ts'
import { health } from './en/health.ts'
import { list } from './en/list.ts'
import { mint } from './en/mint.ts'
import { minting } from './en/minting.ts'
import { notices } from './en/notices.ts'
import { oversight } from './en/oversight.ts'
import { pages } from './en/pages.ts'
import { policy } from './en/policy.ts'
import { power } from './en/power.ts'
import { saml } from './en/saml.ts'
import { site } from './en/site.ts'
import { sso } from './en/sso.ts'
import { team } from './en/team.ts'
import { teamPages } from './en/team-pages.ts'
import { tokens } from './en/tokens.ts'
import { tools } from './en/tools.ts'
import { ui } from './en/ui.ts'
import { users } from './en/users.ts'

/**
 * The English words, by the part of the page where they stand. Dates and numbers come in as text that `Intl` has
 * written already; whoever translates decides about the order and the plurals. A name in braces, as in `{when}`, is
 * where a page puts an element into the sentence (components/ui/RichText.vue).
 */
export const en = {
  ...audit,
  ...calls,
  ...created,
  ...device,
  ...drawer,
  ...fields,
  ...health,
  ...list,
  ...mint,
  ...minting,
  ...notices,
  ...oversight,
  ...pages,
  ...policy,
  ...power,
  ...saml,
  ...site,
  ...sso,
  ...team,
  ...teamPages,
  ...tokens,
  ...tools,
  ...ui,
  ...users,
}
