/**
 * Members that are wrong on purpose, each in one way, and what a simulation owes them: an invariant that is never seen
 * broken might as well not be looked at.
 */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { RulesIndex } from '@chengxin/ledger/execution/rules-index'
import type { LedgerApplication } from '@chengxin/ledger/ordering/application'
import type { DrivenApplication } from '@chengxin/ledger/ordering/cometbft/driver'
import type { BlockToStore } from '@chengxin/ledger/storage/face'
import type { AnyEvent, DomainRules, Write } from '@chengxin/module-kit'
import type { SimulatedStore } from './crash-store.ts'
import type { Invariant } from './invariants.ts'
import type { Fault } from './member.ts'

export interface PlantedFault {
  readonly name: string
  /** Whether all members have it, or the second alone. */
  readonly at: 'one' | 'all'
  /** It shows in who joins by a snapshot, if at all. */
  readonly alwaysJoins?: true
  /** Any of these shows it. */
  readonly breaks: readonly Invariant[]
  readonly make: () => Fault
}

/** The object with some of its members replaced. */
function wrap<T extends object>(target: T, change: Partial<T>): T {
  return new Proxy(target, {
    get: (object, name) => {
      const replaced = (change as Record<PropertyKey, unknown>)[name]
      if (replaced !== undefined) return replaced
      const own = Reflect.get(object, name, object) as unknown
      return typeof own === 'function' ? own.bind(object) : own
    },
  })
}

const application = (
  change: (inner: LedgerApplication, store: SimulatedStore) => Partial<DrivenApplication>,
): Fault => ({
  application: (inner, store) => wrap<DrivenApplication>(inner, change(inner, store)),
})

const store = (change: (inner: SimulatedStore) => Partial<SimulatedStore>): Fault => ({
  store: (inner) => wrap(inner, change(inner)),
})

function mixed(bytes: Uint8Array, salt: number): Uint8Array {
  return createHash('sha256').update(bytes).update(String(salt)).digest()
}

function mixedText(hash: string, salt: number): string {
  return Buffer.from(mixed(Buffer.from(hash, 'base64url'), salt)).toString('base64url')
}

function withHead(block: BlockToStore, change: (head: BlockToStore['head']) => object): BlockToStore {
  return { ...block, head: { ...block.head, ...change(block.head) } }
}

/** Every gift makes one more than it takes. */
function generous(rules: RulesIndex): RulesIndex {
  const domains = new Map(rules.domains)
  const purses = domains.get('purses') as DomainRules
  const apply = (write: Write<never>, event: AnyEvent) => {
    purses.apply(write, event)
    if (event.type !== 'given') return
    const { purses: rows } = write as unknown as Write<{ purses: { row: never; about: string } }>
    rows.change((event as unknown as { to: string }).to, (({ amount }: { amount: bigint }) => ({
      amount: amount + 1n,
    })) as never)
  }
  const changed = { ...purses, apply } as unknown as DomainRules
  domains.set('purses', changed)
  const verbs = new Map(
    [...rules.verbs].map(([type, verb]) => [type, verb.domain === 'purses' ? { ...verb, rules: changed } : verb]),
  )
  return { ...rules, domains, verbs }
}

export const plantedFaults: readonly PlantedFault[] = [
  {
    name: 'answers another hash',
    at: 'one',
    breaks: ['agreement'],
    make: () =>
      application((inner) => ({
        finalizeBlock: (request) => {
          const { results, agreedHash } = inner.finalizeBlock(request)
          return { results, agreedHash: request.height === 2 ? mixedText(agreedHash, 0) : agreedHash }
        },
      })),
  },
  {
    name: 'stores another state than it answers',
    at: 'one',
    breaks: ['agreement'],
    make: () =>
      store((inner) => ({
        commit: (block) =>
          inner.commit(
            block.head.height === 2 ? withHead(block, (head) => ({ stateHash: mixed(head.stateHash, 0) })) : block,
          ),
      })),
  },
  {
    name: 'forgets used nonces',
    at: 'one',
    breaks: ['agreement', 'known_stays_out', 'one_result'],
    make: () => store(() => ({ usedNonce: () => undefined })),
  },
  {
    name: 'forgets used nonces inside a block, as all do',
    at: 'all',
    breaks: ['one_result'],
    make: () => {
      let isRunning = false
      return {
        ...store((inner) => ({ usedNonce: (nonceKey) => (isRunning ? undefined : inner.usedNonce(nonceKey)) })),
        ...application((inner) => ({
          finalizeBlock: (request) => {
            isRunning = true
            const answer = inner.finalizeBlock(request)
            isRunning = false
            return answer
          },
        })),
      }
    },
  },
  {
    name: 'admits what it knows',
    at: 'one',
    breaks: ['known_stays_out'],
    make: () =>
      application((inner) => ({
        checkTx: (request) => {
          const answer = inner.checkTx(request)
          return answer.code === 'known' ? { ...answer, code: 'ok' } : answer
        },
      })),
  },
  {
    name: 'commits a block twice',
    at: 'one',
    breaks: ['nothing_lost'],
    make: () =>
      application((inner) => ({
        commit: () => {
          const { height } = inner.commit()
          if (height !== 2) return { height }
          const { timeMs, transactions } = inner.committed?.request ?? { timeMs: 0, transactions: [] }
          inner.finalizeBlock({ height: height + 1, timeMs, transactions })
          inner.commit()
          return { height }
        },
      })),
  },
  {
    name: 'tells a height that it has not committed',
    at: 'one',
    breaks: ['grammar', 'info_honest'],
    make: () => {
      let finalized = 0
      return application((inner) => ({
        finalizeBlock: (request) => {
          finalized = request.height
          return inner.finalizeBlock(request)
        },
        info: () => ({ ...inner.info(), height: Math.max(inner.info().height, finalized) }),
      }))
    },
  },
  {
    name: 'tells another hash after a restart',
    at: 'one',
    breaks: ['info_honest'],
    make: () =>
      application((inner) => {
        let isNew = true
        return {
          info: () => {
            const { height, agreedHash } = inner.info()
            const told = isNew && height > 0 && agreedHash !== undefined ? mixedText(agreedHash, 0) : agreedHash
            isNew = false
            return { height, agreedHash: told }
          },
        }
      }),
  },
  {
    name: 'makes a block exist in finalize',
    at: 'one',
    breaks: ['commit_persists'],
    make: () =>
      application((inner) => ({
        finalizeBlock: (request) => {
          const answer = inner.finalizeBlock(request)
          inner.commit()
          return answer
        },
        commit: () => ({ height: inner.info().height }),
      })),
  },
  {
    name: 'rejects honest proposals, as all do',
    at: 'all',
    breaks: ['honest_accepted'],
    make: () =>
      application((inner) => ({
        processProposal: (request) => (request.transactions.length > 2 ? 'reject' : inner.processProposal(request)),
      })),
  },
  {
    name: 'accepts whatever is proposed, as all do',
    at: 'all',
    breaks: ['dishonest_rejected'],
    make: () => application(() => ({ processProposal: () => 'accept' })),
  },
  {
    name: 'loses its last block when it ends',
    at: 'one',
    breaks: ['nothing_lost'],
    make: () => ({
      atOpen: (disk) => {
        if (disk.committed > 2) disk.committed--
      },
    }),
  },
  {
    name: 'gives clients another result',
    at: 'one',
    breaks: ['final'],
    make: () => ({ told: (block) => ({ ...block, results: block.results.map(() => ({ code: 'ok' })) }) }),
  },
  {
    name: 'leaves a result out',
    at: 'one',
    breaks: ['grammar'],
    make: () =>
      application((inner) => ({
        finalizeBlock: (request) => {
          const { results, agreedHash } = inner.finalizeBlock(request)
          return { results: results.slice(1), agreedHash }
        },
      })),
  },
  {
    name: 'makes value, as all do',
    at: 'all',
    breaks: ['value_conserved'],
    make: () => ({ rules: generous }),
  },
  {
    name: 'agrees on the height, as all do',
    at: 'all',
    breaks: ['idle'],
    make: () => ({
      ...store((inner) => ({
        commit: (block) =>
          inner.commit(withHead(block, ({ agreedHash, height }) => ({ agreedHash: mixed(agreedHash, height) }))),
      })),
      ...application((inner, kept) => ({
        info: () => {
          const head = kept.head()
          return { height: head?.height ?? -1, agreedHash: head && Buffer.from(head.agreedHash).toString('base64url') }
        },
        initChain: () => {
          if (kept.head() === undefined) inner.initChain()
          return { agreedHash: Buffer.from(kept.head()?.agreedHash ?? []).toString('base64url') }
        },
        finalizeBlock: (request) => {
          const { results, agreedHash } = inner.finalizeBlock(request)
          return { results, agreedHash: mixedText(agreedHash, request.height) }
        },
      })),
    }),
  },
  {
    name: 'tells no change of validators, as all do',
    at: 'all',
    breaks: ['validators'],
    make: () => {
      let first: ReadonlyMap<string, number> | undefined
      return { validators: (set) => (first ??= new Map(set)) }
    },
  },
  {
    name: 'forgets who signed twice',
    at: 'one',
    breaks: ['evidence_kept'],
    make: () => ({ noted: () => [] }),
  },
  {
    name: 'keeps what has expired',
    at: 'one',
    breaks: ['nothing_stuck'],
    make: () =>
      application((inner) => ({
        checkTx: (request) => {
          const answer = inner.checkTx(request)
          return request.kind === 'recheck' ? { ...answer, code: 'ok' } : answer
        },
      })),
  },
  {
    name: 'believes who stands alone when it joins, as all do',
    at: 'all',
    alwaysJoins: true,
    breaks: ['joined_agreed'],
    make: () => ({ joiner: { believesOne: true } }),
  },
  {
    name: 'takes chunks as they come, as all do',
    at: 'all',
    alwaysJoins: true,
    breaks: ['poison_refused'],
    make: () => ({
      joiner: {
        handle: (inner) => (request) => {
          const answer = inner(request)
          const isRetry =
            !(answer instanceof Promise) && answer.call === 'applySnapshotChunk' && answer.result === 'retry'
          return isRetry ? { ...answer, result: 'accept', refetch: [], rejectSenders: [] } : answer
        },
      },
    }),
  },
  {
    name: 'leaves parts of what it refused, as all do',
    at: 'all',
    alwaysJoins: true,
    breaks: ['join_clean'],
    make: () => ({
      joiner: {
        handle: (inner, directory) => (request) => {
          const answer = inner(request)
          const isOver = !(answer instanceof Promise) && 'result' in answer && answer.result.startsWith('reject')
          if (isOver) mkdirSync(join(directory, 'state'), { recursive: true })
          return answer
        },
      },
    }),
  },
  {
    name: 'throws at what it does not expect',
    at: 'one',
    breaks: ['member_halted'],
    make: () =>
      application((inner) => ({
        processProposal: (request) => {
          if (request.transactions.length === 3) throw new Error('Three is too many.')
          return inner.processProposal(request)
        },
      })),
  },
]
