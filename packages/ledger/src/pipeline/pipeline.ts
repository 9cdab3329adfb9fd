/** Between the face of a ledger and its engine: the same calls, whether the engine is in this thread or behind others. */
import type { Refusal } from '@chengxin/kernel'
import type { Health } from '../face.ts'
import type { BlockReport } from './block-report.ts'
import type { ConsensusReport } from './consensus.ts'
import type { Alarm, RejectedAnswer } from './engine.ts'

export interface Pipeline {
  /** Admits and queues transactions in this order; each ticket is answered once, through the listener. */
  send(tickets: readonly number[], transactions: readonly string[]): void
  /** Takes blocks that a ledger which began with a snapshot does not have yet. */
  fill(blocks: readonly Uint8Array[]): Promise<Refusal | undefined>
  close(): Promise<void>
}

export interface PipelineListener {
  onBlock(report: BlockReport): void
  onRejected(tickets: readonly number[], answer: RejectedAnswer): void
  onKnown(ticket: number, id: string): void
  onPending(tickets: readonly number[], id: string): void
  onHealth(health: Health): void
  onConsensus(report: ConsensusReport): void
  onAlarm(alarm: Alarm): void
  /** Another snapshot lies in the directory. */
  onSnapshot(): void
}
