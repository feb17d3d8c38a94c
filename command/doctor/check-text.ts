import { recogniseCredential, TOKEN_LENGTH } from '../../forge/contract/token-format.ts'
import { ok, wrong, type Finding } from './finding.ts'

/** What people leave where a token belongs, in the order in which it is looked for. Never repeats the text. */
const MISTAKES: readonly { pattern: RegExp; says: string; todo: string }[] = [
  { pattern: /^\s*$/, says: 'is empty', todo: 'Put the token there.' },
  { pattern: /^bearer\s/i, says: 'begins with the word Bearer', todo: 'Leave the word out; the client adds it.' },
  { pattern: /^["'`]|["'`]$/, says: 'has quotes around it', todo: 'Take them away.' },
  {
    pattern: /\$\{.*\}|\{\{.*\}\}|^\$\w+$|^%\w+%$/s,
    says: 'holds the name of a variable instead of its value',
    todo: 'Check how the file or shell refers to variables.',
  },
  {
    pattern: /^<.*>$|^\[.*\]$|^your[_ -]|^(token|pat|secret|changeme|x{3,}|\.{3})$/is,
    says: 'still holds a placeholder',
    todo: 'Put the token in its place.',
  },
  { pattern: /\s/, says: 'has a blank or a line break in it', todo: 'Copy the token again in one piece.' },
]

/** Whether a text can be a token at all. @param where for people: `FORGE_TOKEN` */
export function checkText(where: string, text: string): Finding {
  const kind = recogniseCredential(text)
  if (kind === 'token') return ok(`${where} holds a whole token.`)

  const mistake = MISTAKES.find(({ pattern }) => pattern.test(text))
  if (mistake) return wrong(`${where} ${mistake.says}.`, mistake.todo)
  if (kind === 'flowfuse-platform-token') {
    return wrong(`${where} holds a token for the FlowFuse platform.`, 'Mint an access token, or run forge-pat login.')
  }
  if (kind === 'other') return wrong(`${where} holds something that is no access token.`, 'Tokens begin with ffpat_.')
  return text.length < TOKEN_LENGTH
    ? wrong(`${where} holds a token that is cut short.`, 'Copy all of it again, or run forge-pat login.')
    : wrong(`${where} holds a token with a wrong character.`, 'Copy it again, or run forge-pat login.')
}
