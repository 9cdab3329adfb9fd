export { type LedgerView, ledgerView } from '@chengxin/holder'
export { createAgentDesk } from './agent-desk.ts'
export { agentScope } from './authorisation.ts'
export { agentRefusals } from './refusals.ts'
