export { bundleHash, shelveRuleset } from './execution/bundle-shelf.ts'
export { groupIdOf } from './execution/genesis.ts'
export * from './face.ts'
export { CometClient } from './ordering/cometbft/engine-client.ts'
export {
  type EngineKeys,
  type EnginePeer,
  type EngineTiming,
  peerId,
  writeEngineHome,
} from './ordering/cometbft/engine-home.ts'
export { type FoundEngine, findEngine } from './ordering/cometbft/engine-program.ts'
export { type Ending, type Part, superviseTogether } from './ordering/cometbft/supervise.ts'
export {
  type CheckpointKeys,
  cosignerName,
  cosignerVkey,
  type LogSigner,
  logVkey,
} from './pipeline/checkpoints.ts'
export type { Alarm } from './pipeline/engine.ts'
export type { StateProofJson } from './pipeline/ledger-face.ts'
export {
  type ConsensusChoice,
  defaultQueue,
  type InlineLedgerOptions,
  type OpenLedgerOptions,
  openInlineLedger,
  openLedger,
  type ThreadedLedgerOptions,
} from './pipeline/open-ledger.ts'
export { type WorkerName, type WorkerUrl, workerUrl } from './pipeline/worker-url.ts'
export type { Damage } from './storage/face.ts'
export { checkPages } from './storage/lmdb-pages.ts'
export { type ScrubbedBlock, type ScrubProgress, scrub } from './storage/scrub.ts'
