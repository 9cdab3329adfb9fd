/**
 * A committed block on its way from the thread that made it to everyone else: a few long texts, because those cross a
 * thread cheaply, taken apart only when somebody asks.
 */
import type { Did, TimeMs, TransactionId } from '@chengxin/kernel'
import type { CommittedBlock, CommittedTransaction, StoredEvent } from '@chengxin/module-kit'
import type { ExecutorHead } from '../execution/executor.ts'
import type { Head } from '../face.ts'

/** The ticket of a transaction that nobody here waits for: it came from another member. */
export const nobody = 0

export interface BlockReport {
  readonly head: ExecutorHead
  readonly rulesetVersion: string
  readonly firstLeaf: number
  /** Who waits for each transaction of the block, by position; `nobody` where it came from elsewhere. */
  readonly tickets: readonly number[]
  /** Who else waits for one of them: position, ticket. */
  readonly twins: readonly (readonly [number, number])[]
  /** Ids by position, 43 characters each. */
  readonly ids: string
  /** Positions whose code is not `ok`. */
  readonly codes: readonly (readonly [number, string])[]
  /** Positions that left nothing in the log, in order. */
  readonly leafless: readonly number[]
  /** One line per position: the signer; the types of the actions; the principals beside the signer; the stored events. */
  readonly signers: string
  readonly types: string
  readonly principals: string
  readonly events: string
}

export function headOfReport({ head, rulesetVersion }: BlockReport): Head {
  const { height, timeMs, size, root, stateHash, agreedHash, stateRoot, rulesetHash } = head
  return {
    height,
    timeMs: timeMs as TimeMs,
    size,
    root,
    stateHash,
    agreedHash,
    ...(stateRoot && { stateRoot }),
    ruleset: { version: rulesetVersion, hash: rulesetHash },
  }
}

const idChars = 43

/** A report opened as far as somebody has looked. */
export class OpenedReport {
  readonly report: BlockReport
  readonly #codes: ReadonlyMap<number, string>
  #events: readonly string[] | undefined

  constructor(report: BlockReport) {
    this.report = report
    this.#codes = new Map(report.codes)
  }

  get count(): number {
    return this.report.tickets.length
  }

  id(position: number): TransactionId {
    return this.report.ids.slice(position * idChars, (position + 1) * idChars) as TransactionId
  }

  code(position: number): string {
    return this.#codes.get(position) ?? 'ok'
  }

  events(position: number): string {
    this.#events ??= this.report.events.split('\n')
    return this.#events[position] ?? '[]'
  }

  /** Leaf indexes by position; undefined where there is none. */
  *leafIndexes(): Generator<number | undefined> {
    const { leafless, firstLeaf } = this.report
    let skipped = 0
    for (let position = 0; position < this.count; position++) {
      if (leafless[skipped] === position) {
        skipped++
        yield undefined
      } else yield firstLeaf + position - skipped
    }
  }

  /** The block as its readers see it. */
  block(): CommittedBlock {
    const { head, firstLeaf } = this.report
    const open = () => this.#transactions()
    let transactions: readonly CommittedTransaction[] | undefined
    return {
      height: head.height,
      timeMs: head.timeMs as TimeMs,
      firstLeaf,
      agreedHash: head.agreedHash,
      root: head.root,
      get transactions() {
        transactions ??= open()
        return transactions
      },
    }
  }

  #transactions(): readonly CommittedTransaction[] {
    const { signers, types, principals } = this.report
    const lines = [signers, types, principals].map((text) => text.split('\n'))
    const transactions: CommittedTransaction[] = []
    let position = -1
    for (const leafIndex of this.leafIndexes()) {
      position++
      if (leafIndex === undefined) continue
      transactions.push({
        id: this.id(position),
        position,
        leafIndex,
        code: this.code(position),
        signer: lines[0]?.[position] as Did,
        principals: words(lines[2]?.[position]) as Did[],
        types: words(lines[1]?.[position]),
        events: openEvents(this.events(position)),
      })
    }
    return transactions
  }
}

export function openEvents(text: string): readonly StoredEvent[] {
  return text === '[]' ? [] : (JSON.parse(text) as StoredEvent[])
}

function words(line: string | undefined): string[] {
  return line === undefined || line === '' ? [] : line.split(' ')
}
