/**
 * Anchors what parties held to, all parties together: at even times, in random order, and always as many leaves as it takes
 * to say nothing about how many there were. Written down before it is sent, so that a crash neither loses nor repeats one.
 */
import { randomBytes } from 'node:crypto'
import { type StatementReceipt, statementCommitment } from '@chengxin/audit'
import { action, credentials, expectCommitted, type GroupClient, type Signer } from '@chengxin/client'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, fromBase64url, type Json, type JsonObject, toBase64url } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import { batchTree } from '../issuer/batch-tree.ts'
import { randomSalt, shuffled } from '../issuer/random.ts'
import { type Sent, sendOnce } from '../once.ts'
import { type Collection, changeRecord, type Vault } from '../vault/face.ts'
import { everyRecord, keptInVault } from '../vault/kept-in-vault.ts'

/** Leaves under every root: statements, and random ones for the rest. */
export const leavesOfRoot = 64

export interface KeeperOptions {
  readonly group: GroupClient
  /** Of a DID with the role `statement_keeper`. */
  readonly signer: Signer
  readonly vault: Vault
  /** How long statements wait for others; 3 s if absent. Longer hides more. */
  readonly everyMs?: number
  readonly nowMs?: () => number
  /** A failure that nobody waits for; it is tried again. */
  readonly failed?: (error: unknown) => void
}

/** A party's own copy of what is held in common. */
export interface PartyCopy {
  readonly statementId: string
  readonly statement: string
  readonly salt: string
  /** Absent until it is anchored. */
  readonly receipt?: StatementReceipt
}

export interface StatementKeeper {
  /** Gives every party its copy; resolves once they would survive a crash. The receipts follow. */
  keep(statement: JsonObject, parties: readonly string[]): Promise<string>
  copyOf(statementId: string, party: string): Promise<PartyCopy | undefined>
  /** Anchors now what waits. */
  flush(): Promise<void>
  close(): Promise<void>
}

interface Batch {
  /** In the order of the tree; those that fill up have no statement. */
  readonly leaves: readonly { readonly commitment: string; readonly statementId?: string }[]
  readonly sent: readonly Sent[]
}

interface Waiting {
  readonly commitment: string
  readonly parties: readonly string[]
  readonly inBatch: boolean
}

export function createStatementKeeper(options: KeeperOptions): StatementKeeper {
  const { vault, everyMs = 3_000, failed = () => {} } = options
  const copies = vault.collection<PartyCopy & Json>('sharing-copies')
  const waiting = vault.collection<Waiting & Json>('sharing-waiting')
  const batches = vault.collection<Json>('sharing-batches')
  let work: Promise<void> = Promise.resolve()

  /** One at a time: two batches at once would take the same statements. */
  function flush(): Promise<void> {
    const next = work.then(() => anchorWaiting(options, { copies, waiting, batches }))
    work = next.catch(failed)
    return next
  }
  const timer = setInterval(() => void flush().catch(() => {}), everyMs)
  timer.unref()

  return {
    async keep(statement, parties) {
      const statementId = randomId('statement')
      const [text, salt] = [canonicalize(statement), randomSalt()]
      const copy: PartyCopy = { statementId, statement: text, salt }
      for (const party of parties) {
        await copies.insert(copyId(statementId, party), copy as PartyCopy & Json, { party })
      }
      const commitment = toBase64url(statementCommitment(sha256, text, fromBase64url(salt) as Uint8Array))
      await waiting.insert(statementId, { commitment, parties, inBatch: false })
      return statementId
    },
    copyOf: async (statementId, party) => (await copies.get(copyId(statementId, party)))?.value,
    flush,
    async close() {
      clearInterval(timer)
      await work
    },
  }
}

function copyId(statementId: string, party: string): string {
  return `${statementId} ${party}`
}

interface Books {
  readonly copies: Collection<PartyCopy & Json>
  readonly waiting: Collection<Waiting & Json>
  readonly batches: Collection<Json>
}

async function anchorWaiting(options: KeeperOptions, books: Books): Promise<void> {
  // What was broken off comes first; it may have been sent.
  for await (const { id } of everyRecord(books.batches)) await anchorBatch(options, books, id)
  for (;;) {
    const next = await planNext(books)
    if (next === undefined) return
    await anchorBatch(options, books, next)
  }
}

async function planNext({ waiting, batches }: Books): Promise<string | undefined> {
  const found: { readonly statementId: string; readonly commitment: string }[] = []
  for await (const { id, value } of everyRecord(waiting)) {
    if (value.inBatch) continue
    found.push({ statementId: id, commitment: value.commitment })
    if (found.length === leavesOfRoot) break
  }
  if (found.length === 0) return undefined
  const filling = Array.from({ length: leavesOfRoot - found.length }, () => ({
    commitment: toBase64url(randomBytes(32)),
  }))
  const batch: Batch = { leaves: shuffled([...found, ...filling]), sent: [] }
  const batchId = randomId('statements')
  await batches.insert(batchId, batch as unknown as Json)
  // A crash between the two lines anchors a statement twice, under two roots: either receipt holds.
  for (const { statementId } of found) {
    await changeRecord(waiting, statementId, (stored) => {
      const { commitment, parties }: Waiting = stored
      return { value: { commitment, parties, inBatch: true }, result: true }
    })
  }
  return batchId
}

async function anchorBatch(
  { group, signer, nowMs = Date.now }: KeeperOptions,
  books: Books,
  batchId: string,
): Promise<void> {
  const kept = keptInVault<Batch>(books.batches, batchId)
  const batch = await kept.load()
  if (!batch) return
  const tree = batchTree(batch.leaves.map(({ commitment }) => fromBase64url(commitment) as Uint8Array))
  const actions = [action(credentials.anchorStatements, { root: tree.root })]
  const remember = (sent: readonly Sent[]) => kept.save({ ...batch, sent })
  const outcome = await sendOnce({ group, signer, actions, sent: batch.sent, remember, nowMs })
  expectCommitted(outcome)
  const receipt = await group.getText(`/receipts/${outcome.id}`)
  for (const [index, { statementId }] of batch.leaves.entries()) {
    if (statementId === undefined) continue
    const parties = (await books.waiting.get(statementId))?.value.parties ?? []
    for (const party of parties) {
      await changeRecord(books.copies, copyId(statementId, party), (stored) => {
        const copy: PartyCopy = stored
        const { statement, salt } = copy
        const proof: StatementReceipt = {
          statement,
          salt,
          index,
          path: tree.path(index),
          batchSize: tree.size,
          receipt,
        }
        return { value: { ...copy, receipt: proof } as unknown as PartyCopy & Json, result: true }
      })
    }
    await books.waiting.erase(statementId)
  }
  await kept.erase()
}
