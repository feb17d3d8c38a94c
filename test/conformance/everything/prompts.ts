import type { GetPromptResult, Prompt, PromptMessage } from '@modelcontextprotocol/sdk/types.js'

import { PNG_BASE64 } from './samples.ts'

interface TestPrompt extends Prompt {
  messages: (args: Record<string, string>) => PromptMessage['content'][]
}

const required = (name: string, description: string) => ({ name, description, required: true })

const PROMPTS: readonly TestPrompt[] = [
  {
    name: 'test_simple_prompt',
    description: 'One message, no arguments.',
    messages: () => [{ type: 'text', text: 'This is a simple prompt for testing.' }],
  },
  {
    name: 'test_prompt_with_arguments',
    description: 'Repeats its arguments.',
    arguments: [required('arg1', 'First test argument'), required('arg2', 'Second test argument')],
    messages: ({ arg1, arg2 }) => [{ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'Embeds the resource that it is given.',
    arguments: [required('resourceUri', 'URI of the resource to embed')],
    messages: ({ resourceUri = '' }) => [
      {
        type: 'resource',
        resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
      },
      { type: 'text', text: 'Please process the embedded resource above.' },
    ],
  },
  {
    name: 'test_prompt_with_image',
    description: 'Shows an image.',
    messages: () => [
      { type: 'image', data: PNG_BASE64, mimeType: 'image/png' },
      { type: 'text', text: 'Please analyze the image above.' },
    ],
  },
]

export function listPrompts(): Prompt[] {
  return PROMPTS.map(({ name, description, arguments: args }) => ({ name, description, arguments: args }))
}

/** @throws when there is no such prompt */
export function getPrompt(name: string, args: Record<string, string>): GetPromptResult {
  const prompt = PROMPTS.find((candidate) => candidate.name === name)
  if (!prompt) throw new Error(`There is no prompt ${name}.`)

  return { messages: prompt.messages(args).map((content) => ({ role: 'user', content })) }
}
