/** What the threads of a ledger say to each other. Lists run in parallel: one entry of each per transaction. */
import type { MessagePort } from 'node:worker_threads'
import type { Refusal } from '@chengxin/kernel'
import type { GenesisDocument } from '@chengxin/module-kit'
import type { Health } from '../face.ts'
import type { QueueLimits } from '../ordering/queue.ts'
import type { BlockReport } from './block-report.ts'
import type { ConsensusPlace, ConsensusReport } from './consensus.ts'
import type { Alarm, RejectedAnswer } from './engine.ts'

/** Snapshots for members that join. */
export interface SnapshotPolicy {
  /** How many are kept; none are taken where this is 0. */
  readonly kept: number
  /** One is taken in each such stretch of block time, the same for all members; at every state root where this is 0. */
  readonly everyMs: number
}

/** The execution thread is started with this. */
export interface ExecutionSetup {
  readonly directory: string
  readonly genesis: GenesisDocument
  readonly queue: QueueLimits
  readonly cachedRows: number
  /** Present where members order together. */
  readonly consensus?: ConsensusPlace | undefined
  readonly snapshots: SnapshotPolicy
}

/** An admission thread is started with this; the port leads to execution. */
export interface AdmissionSetup {
  readonly directory: string
  readonly genesis: GenesisDocument
  readonly rulesetHash: string
  readonly commits: SharedArrayBuffer
  readonly execution: MessagePort
}

/** The thread that sorts committed state and computes its roots. */
export interface SettlerSetup {
  readonly directory: string
  /** Where snapshots are to be written, and when. Absent: none are. */
  readonly snapshots?: {
    readonly turn: SharedArrayBuffer
    readonly ask: MessagePort
    /** Of block time there is one in each such stretch; 0: at each state root. */
    readonly everyMs: number
  }
}

/** The thread that writes snapshots; the port leads to it from the settler. */
export interface SnapshotSetup {
  readonly directory: string
  readonly group: string
  /** How many are kept. */
  readonly keep: number
  readonly turn: SharedArrayBuffer
  readonly asked: MessagePort
}

export interface SnapshotAsked {
  readonly height: number
  readonly size: number
}

export type FromSnapshots =
  | { readonly kind: 'taken'; readonly height: number }
  | { readonly kind: 'failed'; readonly sentence: string }

export type ToExecution =
  | { readonly kind: 'connect'; readonly port: MessagePort }
  | { readonly kind: 'fill'; readonly ticket: number; readonly blocks: readonly Uint8Array[] }
  | { readonly kind: 'close' }

export type FromExecution =
  | {
      readonly kind: 'started'
      readonly report: BlockReport
      readonly commits: SharedArrayBuffer
      readonly verifier: string
    }
  | { readonly kind: 'failed'; readonly sentence: string; readonly stack: string }
  | { readonly kind: 'block'; readonly report: BlockReport }
  | {
      readonly kind: 'answers'
      readonly rejected: readonly Rejection[]
      readonly known: readonly (readonly [number, string])[]
    }
  | { readonly kind: 'pending'; readonly tickets: readonly number[]; readonly id: string }
  | { readonly kind: 'health'; readonly health: Health }
  | { readonly kind: 'consensus'; readonly report: ConsensusReport }
  | { readonly kind: 'alarm'; readonly alarm: Alarm }
  | { readonly kind: 'filled'; readonly ticket: number; readonly refusal: Refusal | undefined }
  | { readonly kind: 'closed' }

export interface Rejection {
  readonly tickets: readonly number[]
  readonly answer: RejectedAnswer
}

/** Settles up to a height; `close` ends the thread. */
export type ToSettler = { readonly settleUpTo: number } | 'close'

export type FromSettler = { readonly kind: 'settled' } | { readonly kind: 'health'; readonly health: Health }

/** Batches are numbered over all admission threads, so that execution can queue them in the order of submission. */
export interface ToAdmission {
  readonly batch: number
  readonly tickets: readonly number[]
  readonly transactions: readonly string[]
}

export interface FromAdmission {
  readonly batch: number
  readonly rejected: readonly Rejection[]
  /** Stands where the thread cannot go on, and so the ledger cannot. */
  readonly health?: Health
}

/** Told to admission threads when a block has activated other rules. */
export interface RulesChanged {
  readonly rulesetHash: string
}
