export * from './face.ts'
export { type CheckpointKeys, cosignerName, cosignerVkey, type LogSigner, logVkey } from './pipeline/checkpoints.ts'
export {
  type InlineLedgerOptions,
  openInlineLedger,
  openLedger,
  type ThreadedLedgerOptions,
} from './pipeline/open-ledger.ts'
export type { Damage } from './storage/face.ts'
export { type ScrubProgress, scrub } from './storage/scrub.ts'
