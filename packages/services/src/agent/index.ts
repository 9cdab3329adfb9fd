export { createAgentDesk } from './agent-desk.ts'
export { agentScope } from './authorisation.ts'
export { holderVoiceType } from './holder-voice.ts'
export { type LedgerView, ledgerView } from './ledger-view.ts'
