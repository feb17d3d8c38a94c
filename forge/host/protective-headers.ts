import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

import helmet from 'helmet'

type Headers = Record<string, string>

/** What is said even to programs: an answer is no page, and nobody may make one of it; and it comes over https. */
const TO_PROGRAMS = /^(?:content-security-policy|strict-transport-security|x-content-type-options|x-frame-options)$/

/**
 * The headers by which browsers protect a forge's people. They are the same for every answer, so they are made once:
 * making them took a tenth of the time of an introspection. Programs get those that do not only matter to pages.
 */
export function protectiveHeaders(baseUrl: string): { toBrowsers: Headers; toPrograms: Headers } {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(optionsFor(baseUrl))(request, response, () => undefined)
  const all = Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)] as const)
  return {
    toBrowsers: Object.fromEntries(all),
    toPrograms: Object.fromEntries(all.filter(([name]) => TO_PROGRAMS.test(name))),
  }
}

/** Scripts and styles come from this forge alone, nothing is inline, and nobody frames a page. */
function optionsFor(baseUrl: string) {
  const secure = baseUrl.startsWith('https:')
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
      },
    },
    // On plain http neither means anything.
    strictTransportSecurity: secure,
    crossOriginOpenerPolicy: secure,
    originAgentCluster: secure,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  } as const
}
