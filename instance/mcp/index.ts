/** The gate for MCP servers that are built with the SDK: who calls, and what they may. */
export { callerFrom } from './caller-from.ts'
export { guardTools, type GuardOptions } from './guard-tools.ts'
export {
  GATE_UNAVAILABLE,
  GateError,
  mayCall,
  refuseCall,
  TOOL_FORBIDDEN,
  type DescribedTool,
  type Permission,
} from './may-call.ts'
export type { Caller } from '../caller.ts'
