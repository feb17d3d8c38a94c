export { en as english } from '../messages/en.ts'
export type { Messages } from '../messages/messages.ts'
export { MintToken, TokenList } from './components.ts'
export { routes, type ForgePatOptions } from './routes.ts'
