/** The engine of this member as a program beside the ledger: started after it, stopped before it, started again when it ends. */
import type { GenesisDocument } from '@chengxin/module-kit'
import type { Health } from '../face.ts'
import { type EngineHome, writeEngineHome } from '../ordering/cometbft/engine-home.ts'
import { enginePart } from '../ordering/cometbft/engine-program.ts'
import { restartable, superviseTogether } from '../ordering/cometbft/supervise.ts'
import type { QueueLimits } from '../ordering/queue.ts'
import { type ConsensusPlace, chainOf } from './consensus.ts'
import type { Alarm } from './engine.ts'

/** An engine that the ledger starts and stops. */
export interface EngineToRun {
  /** The program. */
  readonly path: string
  /** What this member knows of it; what the group has settled is added. */
  readonly home: Omit<EngineHome, 'chain' | 'validators' | 'queue' | 'abci' | 'rpc'>
  /** Each line of the engine's own log. */
  readonly onLine?: (line: string) => void
}

export interface RunEngineOptions {
  readonly genesis: GenesisDocument
  readonly place: ConsensusPlace
  readonly queue: QueueLimits
  readonly engine: EngineToRun
  readonly onAlarm: (alarm: Alarm) => void
  /** The engine has ended for good: the others have agreed on what this member does not have. */
  readonly onStopped: (health: Health) => void
}

export interface RunningEngine {
  /** Ends it and starts it again at once; the ledger stays. */
  restart(): void
  /** Resolves when the engine is gone. */
  stop(): Promise<void>
}

/** Throws before anything is started where the home is of another group or other keys. */
export function runEngine({ genesis, place, queue, engine, onAlarm, onStopped }: RunEngineOptions): RunningEngine {
  const { path, home, onLine } = engine
  const { abci, rpc } = place
  writeEngineHome({ ...home, abci, rpc, queue, chain: chainOf(genesis), validators: firstValidators(genesis) })
  const stopping = new AbortController()
  const part = restartable(enginePart({ path, home: home.directory, rpc, ...(onLine && { onLine }) }))
  const done = superviseTogether({
    parts: [part],
    signal: stopping.signal,
    onEnd: ({ sentence }) => onAlarm({ code: 'engine_ended', sentence: `${sentence} It is started again.` }),
  }).then((end) => {
    if (end !== undefined) onStopped({ status: 'stopped', code: 'hash_mismatch', sentence: end.sentence })
  })
  return {
    restart: () => part.restart(),
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

/** The validators that the group was founded with: the same, in the same order, on all members. */
export function firstValidators({ members }: GenesisDocument) {
  const validators = members.flatMap(({ validatorKey }) => (validatorKey ? { key: validatorKey.x, power: 1 } : []))
  if (validators.length === 0)
    throw new Error('The genesis names no validator: this group was founded for one process.')
  return validators
}
