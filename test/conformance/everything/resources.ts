import type { ReadResourceResult, Resource, ResourceTemplate } from '@modelcontextprotocol/sdk/types.js'

import { PNG_BASE64 } from './samples.ts'

const TEMPLATE_URI = /^test:\/\/template\/([^/]+)\/data$/

export const RESOURCES: readonly Resource[] = [
  { uri: 'test://static-text', name: 'Static text', description: 'Text that never changes.', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'Static image', description: 'Bytes that never change.', mimeType: 'image/png' },
  { uri: 'test://watched-resource', name: 'Watched', description: 'For subscriptions.', mimeType: 'text/plain' },
]

export const RESOURCE_TEMPLATES: readonly ResourceTemplate[] = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'Data by id',
    description: 'Answers the id that it was asked for.',
    mimeType: 'application/json',
  },
]

const CONTENTS = new Map<string, ReadResourceResult['contents'][number]>([
  fixed({
    uri: 'test://static-text',
    mimeType: 'text/plain',
    text: 'This is the content of the static text resource.',
  }),
  fixed({ uri: 'test://static-binary', mimeType: 'image/png', blob: PNG_BASE64 }),
  fixed({ uri: 'test://watched-resource', mimeType: 'text/plain', text: 'Nothing has changed yet.' }),
])

/** @throws when nothing has this address */
export function readResource(uri: string): ReadResourceResult {
  const content = CONTENTS.get(uri) ?? fromTemplate(uri)
  if (!content) throw new Error(`There is no resource ${uri}.`)

  return { contents: [content] }
}

function fromTemplate(uri: string): ReadResourceResult['contents'][number] | null {
  const id = TEMPLATE_URI.exec(uri)?.[1]
  if (id === undefined) return null

  const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` })
  return { uri, mimeType: 'application/json', text }
}

function fixed(content: ReadResourceResult['contents'][number]): [string, ReadResourceResult['contents'][number]] {
  return [content.uri, content]
}
