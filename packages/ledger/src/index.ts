export * from './face.ts'
export { type CheckpointKeys, cosignerName, cosignerVkey, type LogSigner, logVkey } from './pipeline/checkpoints.ts'
export {
  type InlineLedgerOptions,
  openInlineLedger,
  openLedger,
  type ThreadedLedgerOptions,
} from './pipeline/open-ledger.ts'
