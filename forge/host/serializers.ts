import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'

type BuildSerializer = ReturnType<typeof SerializerSelector>

const compilers = SerializerSelector()

/**
 * Writes answers by their schemas, each of them compiled when the first such answer is written. Fastify compiles all of
 * them at the start, which takes most of it, and a forge hardly ever writes more than a few.
 */
export const buildSerializer: BuildSerializer = (externalSchemas, options) => {
  const compile = compilers(externalSchemas, options)

  return (route) => {
    let serialize: ReturnType<typeof compile> | null = null
    return (data) => (serialize ??= compile(route))(data)
  }
}
