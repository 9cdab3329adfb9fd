/**
 * A ledger in memory that holds the blocks it is given: for tests of what stands behind a ledger (read model, API).
 * It checks nothing and signs nothing; the text of a transaction is whatever the test submits.
 */
import { createHash } from 'node:crypto'
import { canonicalize, type Did, type Hash, type TimeMs, type TransactionId, toUtf8 } from '@chengxin/kernel'
import type { ConsensusStatus, Head, Health, Ledger, LedgerStats, Outcome } from '@chengxin/ledger/face'
import type { CommittedBlock, CommittedTransaction, GenesisDocument, StoredEvent } from '@chengxin/module-kit'

export interface GivenTransaction {
  readonly code?: string
  readonly signer: Did
  readonly principals?: readonly Did[]
  readonly types: readonly string[]
  readonly events?: readonly StoredEvent[]
  /** The text whose hash becomes the id; by default the leaf's number. */
  readonly text?: string
}

export interface MemoryLedgerOptions {
  readonly genesis: GenesisDocument
  readonly genesisEvents?: readonly StoredEvent[]
  readonly startMs?: number
  /** What a submitted text means: an outcome at once, or a transaction that gets a block of its own. */
  readonly judge?: (text: string) => Outcome | GivenTransaction
}

export interface MemoryLedger extends Ledger {
  /** Commits one block of these, a second after the one before. */
  append(transactions: readonly GivenTransaction[]): CommittedBlock
  setHealth(health: Health): void
  setStats(stats: Partial<LedgerStats>): void
  /** As where members order together; undefined as where one process orders alone. */
  setConsensus(consensus: ConsensusStatus | undefined): void
  agreedHash(height: number): string | undefined
  headHeight(): number
  /** Rows that `row` answers with, by `<table>/<key>`. */
  readonly rows: Map<string, unknown>
  /** Tiles that `tile` answers with, by path. */
  readonly tiles: Map<string, Uint8Array>
}

export function hashOf(text: string): Hash {
  return createHash('sha256').update(text).digest('base64url') as Hash
}

export function createMemoryLedger(options: MemoryLedgerOptions): MemoryLedger {
  const { genesis, startMs = 1_750_000_000_000, judge } = options
  const groupId = hashOf(canonicalize(genesis))
  const blocks: CommittedBlock[] = []
  const byId = new Map<string, { readonly block: CommittedBlock; readonly transaction: CommittedTransaction }>()
  const leaves: string[] = []
  const listeners = new Set<(block: CommittedBlock) => void>()
  const rows = new Map<string, unknown>()
  const tiles = new Map<string, Uint8Array>()
  let health: Health = { status: 'ok' }
  let consensus: ConsensusStatus | undefined
  let stats: LedgerStats = {
    queued: 0,
    queueLimit: 1000,
    admitted: 0,
    rejected: {},
    committed: 0,
    refused: 0,
    blocks: 0,
    verifier: 'none',
  }

  const commit = (given: readonly GivenTransaction[], genesisEvents?: readonly StoredEvent[]): CommittedBlock => {
    const height = blocks.length
    const firstLeaf = leaves.length
    const timeMs = (startMs + height * 1000) as TimeMs
    const transactions = given.map((one, position): CommittedTransaction => {
      const leafIndex = firstLeaf + position
      return {
        id: hashOf(one.text ?? `leaf ${leafIndex}`) as string as TransactionId,
        position,
        leafIndex,
        code: one.code ?? 'ok',
        signer: one.signer,
        principals: one.principals ?? [],
        types: one.types,
        events: one.events ?? [],
      }
    })
    for (const transaction of transactions) leaves.push(canonicalize({ v: 1, height, timeMs, id: transaction.id }))
    const previous = blocks.at(-1)?.agreedHash ?? groupId
    const agreedHash = hashOf(canonicalize({ previous, height, transactions, genesisEvents }))
    const root = hashOf(leaves.join('\n'))
    const block: CommittedBlock = {
      height,
      timeMs,
      firstLeaf,
      agreedHash,
      root,
      transactions,
      ...(genesisEvents === undefined ? {} : { genesisEvents }),
    }
    blocks.push(block)
    for (const transaction of transactions) byId.set(transaction.id, { block, transaction })
    for (const listener of [...listeners]) listener(block)
    return block
  }
  commit([], options.genesisEvents ?? [])

  const head = (): Head => {
    const last = blocks.at(-1) as CommittedBlock
    const { height, timeMs, root, agreedHash } = last
    return { height, timeMs, size: leaves.length, root, stateHash: root, agreedHash, ruleset: genesis.ruleset }
  }
  const outcome = (id: TransactionId): Outcome | undefined => {
    const known = byId.get(id)
    if (known === undefined) return undefined
    const { block, transaction } = known
    const { position, leafIndex, events, code } = transaction
    const committed = { id, height: block.height, position, leafIndex, timeMs: block.timeMs, events }
    return code === 'ok' ? { ...committed, status: 'committed' } : { ...committed, status: 'refused', code }
  }
  const submitOne = (text: string): Outcome => {
    const judged = judge?.(text) ?? { status: 'rejected', code: 'envelope_malformed' }
    if ('status' in judged) return judged
    const block = commit([{ text, ...judged }])
    return outcome((block.transactions[0] as CommittedTransaction).id) as Outcome
  }

  return {
    groupId,
    genesis,
    rows,
    tiles,
    head,
    health: () => health,
    setHealth: (next) => {
      health = next
    },
    stats: () => stats,
    consensus: () => consensus,
    setConsensus: (next) => {
      consensus = next
    },
    setStats: (next) => {
      stats = { ...stats, ...next }
    },
    append: (given) => commit(given),
    headHeight: () => blocks.length - 1,
    agreedHash: (height) => blocks[height]?.agreedHash,
    submit: async (texts) => texts.map(submitOne),
    outcome,
    leaf: (index) => (leaves[index] === undefined ? undefined : toUtf8(leaves[index])),
    block: (height) => blocks[height],
    blocks: (fromHeight, signal) => follow(blocks, listeners, fromHeight, signal),
    checkpoint: () => `${genesis.origin}\n${leaves.length}\n${head().root}\n`,
    rootAt: () => undefined,
    consistency: () => undefined,
    stateCheckpoint: () => undefined,
    followOthers: () => undefined,
    archive: {
      snapshots: () => [],
      rawBlock: () => undefined,
      lacking: () => undefined,
      fill: async () => undefined,
      askEngine: () => undefined,
    },
    tile: (path) => tiles.get(path),
    receipt: () => undefined,
    coseReceipt: () => undefined,
    row: (table, key) => rows.get(`${table}/${key}`),
    stateProof: () => undefined,
    onCommit: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {},
  }
}

async function* follow(
  blocks: readonly CommittedBlock[],
  listeners: Set<(block: CommittedBlock) => void>,
  fromHeight: number,
  signal: AbortSignal,
): AsyncIterable<CommittedBlock> {
  let height = fromHeight
  while (!signal.aborted) {
    const block = blocks[height]
    if (block !== undefined) {
      height++
      yield block
      continue
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        listeners.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      listeners.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}

/** A genesis document of the right shape whose certificates and keys mean nothing. */
export function memoryGenesis(change: Partial<GenesisDocument> = {}): GenesisDocument {
  const did = `did:weid:test:0x${'1'.repeat(40)}` as Did
  const key = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } as const
  return {
    v: 1,
    chainId: 'test',
    origin: 'localhost/groups/test',
    name: 'Test group',
    suite: 'intl',
    createdAtMs: 1_750_000_000_000 as TimeMs,
    readPolicy: 'public',
    stateRootEvery: 4096,
    ruleset: { version: '1.0.0', hash: hashOf('ruleset') },
    ca: 'AA',
    members: [{ memberId: 'member_test', certificate: 'AA', adminDids: [did], logKey: key, cosignerKey: key }],
    committee: { dids: [did], threshold: 1 },
    identities: [{ did, key, sponsor: 'member_test' }],
    webauthn: [],
    ...change,
  }
}
