/** What runs inside an instance: Node-RED, Express, or plain `http`. Loads with require() too (Node 20.19 or newer). */
export { callerOf, type Caller, type CallerUser } from './caller.ts'
export type { ConnectMiddleware, Fallback, Handler, InstanceRequest, Next } from './connect.ts'
export { ForgeUnavailableError } from './forge-api.ts'
export type { ForgeLink } from './forge-link.ts'
export { createIntrospector, type Introspector } from './introspector.ts'
export { httpNodeMiddleware, type HttpNodeMiddleware } from './middleware.ts'
export { OptionError, type InstanceOptions, type IntrospectorOptions } from './options.ts'
export { resourceMetadataHandler, type ProtectedResourceMetadata } from './resource-metadata.ts'
