import { recogniseSlip } from '../../forge/contract/recognise-slip.ts'
import type { Slip } from '../../forge/contract/slips.ts'
import { recogniseCredential } from '../../forge/contract/token-format.ts'
import { ok, wrong, type Finding } from '../../forge/cli/finding.ts'

const COPY_AGAIN = 'Copy all of it again, or run forge-pat login.'

/** What a person reads of each slip. Never repeats the text. */
const SAYS: Record<Slip, { says: string; todo: string }> = {
  empty: { says: 'is empty', todo: 'Put the token there.' },
  doubled_bearer: { says: 'begins with the word Bearer', todo: 'Leave the word out; the client adds it.' },
  quoted: { says: 'has quotes around it', todo: 'Take them away.' },
  not_expanded: {
    says: 'holds the name of a variable instead of its value',
    todo: 'Check how the file or shell refers to variables.',
  },
  placeholder: { says: 'still holds a placeholder', todo: 'Put the token in its place.' },
  blank_inside: { says: 'has a blank or a line break in it', todo: 'Copy the token again in one piece.' },
  truncated: { says: 'holds a token that is cut short', todo: COPY_AGAIN },
  too_long: { says: 'holds a token with something behind it', todo: COPY_AGAIN },
  wrong_character: { says: 'holds a token with a wrong character', todo: COPY_AGAIN },
  flowfuse_platform_token: {
    says: 'holds a token for the FlowFuse platform',
    todo: 'Mint an access token, or run forge-pat login.',
  },
}

/** Whether a text can be a token at all. @param where for people: `FORGE_TOKEN` */
export function checkText(where: string, text: string): Finding {
  if (recogniseCredential(text) === 'token') return ok(`${where} holds a whole token.`)

  const slip = recogniseSlip(text)
  if (slip === null) return wrong(`${where} holds something that is no access token.`, 'Tokens begin with ffpat_.')
  const { says, todo } = SAYS[slip]
  return wrong(`${where} ${says}.`, todo)
}
