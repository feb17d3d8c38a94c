import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'

type BuildSerializer = ReturnType<typeof SerializerSelector>
type Serializer = ReturnType<ReturnType<BuildSerializer>>

/** No forge adds schemas for others to refer to, so all that one means is in itself. */
const compile = SerializerSelector()({}, {})

const compiled = new WeakMap<object, Serializer>()

/**
 * Writes answers by their schemas, each of them compiled when the first such answer is written, by whatever route.
 * Fastify compiles all of them for each route at the start, which takes most of it, and a forge hardly ever writes more
 * than a few.
 */
export const buildSerializer: BuildSerializer = () => (route) => (data) => {
  const schema = route.schema as object
  let serialize = compiled.get(schema)
  if (!serialize) compiled.set(schema, (serialize = compile(route)))
  return serialize(data)
}
