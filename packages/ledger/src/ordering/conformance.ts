/**
 * What every ordering owes the application and the application every ordering, as cases that a driver's tests run: over a
 * real store, behind the grammar of calls, and with processes that end between any two calls.
 */
import { limits } from '@chengxin/kernel'
import { makeTillDisk, type TillDisk } from '../testing/till-application.ts'
import { ann, bo, eve, move, payIn, signActions, startMs, stranger } from '../testing/till-group.ts'
import type { Transaction } from './application.ts'
import type { EmbeddedApplication } from './embedded.ts'
import { GrammarCheck } from './grammar.ts'

export interface SubmittedResult {
  readonly code: string
  readonly leafIndex?: number
}

/** A driver at work over an application. */
export interface DriverAtWork {
  /** The result of each, in order, once its block is durable or it has been refused. */
  submit(transactions: readonly string[]): Promise<readonly SubmittedResult[]>
  /** Waits until nothing more will be called by itself. */
  rest(): Promise<void>
  stop(): Promise<void>
}

export type MakeDriver = (application: EmbeddedApplication) => Promise<DriverAtWork>

export interface ConformanceCase {
  readonly name: string
  run(): Promise<void>
}

type Case = (bed: Bed) => Promise<void>

/** The cases for a driver; each throws a sentence when it does not hold. */
export function orderingConformance(makeDriver: MakeDriver): readonly ConformanceCase[] {
  return Object.entries(cases).map(([name, run]) => ({
    name,
    run: async () => {
      const bed = new Bed(makeDriver)
      try {
        await run(bed)
      } finally {
        await bed.remove()
      }
    },
  }))
}

/** One disk, and a driver over whatever application was last opened on it. */
class Bed {
  readonly disk: TillDisk = makeTillDisk()
  readonly #makeDriver: MakeDriver
  #driver: DriverAtWork | undefined

  constructor(makeDriver: MakeDriver) {
    this.#makeDriver = makeDriver
  }

  async start(change: (application: EmbeddedApplication) => EmbeddedApplication = (same) => same) {
    const opened = this.disk.open()
    const checked = new GrammarCheck<Transaction>(change(opened.application))
    const driver = await this.#makeDriver(checked)
    this.#driver = driver
    return { ...opened, checked, driver }
  }

  /** Ends the process between two calls. */
  async kill(): Promise<void> {
    await this.#driver?.stop()
    this.#driver = undefined
    this.disk.kill()
  }

  async remove(): Promise<void> {
    await this.kill()
    this.disk.remove()
  }
}

const cases: Readonly<Record<string, Case>> = {
  'an empty chain is founded once and told honestly': async (bed) => {
    const first = await bed.start()
    const { agreedHash } = first.application.info()
    demand(first.application.info().height === 0, 'a founded chain stands at height 0')
    await bed.kill()
    const again = await bed.start()
    demand(again.application.info().agreedHash === agreedHash, 'the founded chain is the same after a restart')
    demand(!again.checked.calls.includes('initChain'), 'a chain that stands is not founded again')
  },

  'every transaction has one result, in order, and blocks follow each other': async (bed) => {
    const { driver, store } = await bed.start()
    const sent = [
      signActions(ann, [payIn(10n)]),
      'nonsense',
      signActions(bo, [payIn(10n)]),
      signActions(ann, [move(bo.did, 99n)]),
      signActions(stranger, [payIn(1n)]),
      signActions(ann, [move(bo.did, 4n)]),
    ]
    const results = await driver.submit(sent)
    const codes = results.map(({ code }) => code).join(' ')
    demand(codes === 'ok envelope_malformed ok till_too_low key_unknown ok', `results are in order: ${codes}`)
    const leaves = results.map(({ leafIndex }) => leafIndex ?? '-').join(' ')
    demand(leaves === '0 - 1 2 - 3', `leaves are in order: ${leaves}`)
    for (let round = 0; round < 3; round++) await driver.submit([signActions(ann, [payIn(1n)])])
    const head = store.head()
    demand(head?.size === 7, 'all leaves are in the log')
    let before = -1
    for (let height = 0; height <= (head?.height ?? 0); height++) {
      const timeMs = store.block(height)?.timeMs ?? -1
      demand(timeMs > before, 'the time of blocks increases')
      before = timeMs
    }
  },

  'an idle chain is silent': async (bed) => {
    const { driver, checked } = await bed.start()
    await driver.submit([signActions(ann, [payIn(1n)])])
    await driver.rest()
    const calls = checked.calls.length
    await driver.rest()
    demand(checked.calls.length === calls, `nothing waits, and yet: ${checked.calls.slice(calls).join(' ')}`)
  },

  'a process that ends before commit leaves the block before it': async (bed) => {
    const first = await bed.start()
    await first.driver.submit([signActions(ann, [payIn(5n)])])
    const settled = first.application.info()
    await bed.kill()

    const dying = await bed.start((application) =>
      wrap(application, {
        commit: () => {
          throw new Error('The process ends here.')
        },
      }),
    )
    const lost = signActions(bo, [payIn(7n)])
    await dying.driver.submit([lost])
    demand(same(dying.application.info(), settled), 'nothing is told that was not committed')
    await bed.kill()

    const again = await bed.start()
    demand(same(again.application.info(), settled), 'nothing is left of a block that was not committed')
    const [result] = await again.driver.submit([lost])
    demand(result?.code === 'ok' && result.leafIndex === 1, 'what was lost can be sent again')
  },

  'a process that ends after commit has the block, once': async (bed) => {
    const dying = await bed.start((application) =>
      wrap(application, {
        commit: () => {
          application.commit()
          throw new Error('The process ends here.')
        },
      }),
    )
    const sent = signActions(ann, [payIn(5n)])
    await dying.driver.submit([sent])
    await bed.kill()
    const again = await bed.start()
    demand(again.application.info().height === 1, 'a committed block stays')
    const [result] = await again.driver.submit([sent])
    demand(result?.leafIndex === 0, 'the same transaction again gets its first result')
    demand(again.store.head()?.size === 1, 'the transaction is in the log once')
  },

  'a block can be finalized again, with the same answer, and persists nothing': async (bed) => {
    const { application, store } = await bed.start()
    const request = {
      height: 1,
      timeMs: bed.disk.nowMs,
      transactions: [
        signActions(ann, [payIn(3n)]),
        'nonsense',
        signActions(ann, [move(bo.did, 9n)]),
        signActions(bo, [payIn(1n)]),
      ],
    }
    const first = application.finalizeBlock(request)
    demand(store.head()?.height === 0, 'finalizing persists nothing')
    demand(same(application.finalizeBlock(request), first), 'the same block has the same answer')
    const other = application.finalizeBlock({ ...request, transactions: request.transactions.slice(1) })
    demand(other.agreedHash !== first.agreedHash, 'another block has another answer')
    demand(same(application.finalizeBlock(request), first), 'a candidate leaves no trace in the next')
    application.commit()
    demand(application.info().agreedHash === first.agreedHash, 'what was answered is what was committed')
    demand(store.head()?.size === 3, 'refusals of rules are logged, failures of admission are not')
  },

  'a block of leaves alone moves the agreed hash': async (bed) => {
    const { application } = await bed.start()
    const { agreedHash } = application.info()
    const empty = application.finalizeBlock({ height: 1, timeMs: bed.disk.nowMs, transactions: [] })
    demand(empty.agreedHash === agreedHash, 'an empty block changes nothing')
    application.commit()
    const garbage = { height: 2, timeMs: bed.disk.nowMs + 1, transactions: ['', '.', '..', 'a.b.c', '\ud800'] }
    const answer = application.finalizeBlock(garbage)
    demand(answer.agreedHash === agreedHash, 'bytes that fail admission change nothing')
    demand(
      answer.results.length === 5 && answer.results.every(({ leafIndex }) => leafIndex === undefined),
      'they have results and no leaves',
    )
    application.commit()
    demand(application.info().height === 2, 'the height moves all the same')
  },

  'every block that can be prepared is accepted, and no other kind of block': async (bed) => {
    const { application } = await bed.start()
    const late = signActions(eve, [payIn(1n)], { notAfter: bed.disk.nowMs + 10 })
    const sent = [signActions(ann, [payIn(1n)]), late, signActions(bo, [payIn(2n)])]
    for (const transaction of sent)
      demand(application.checkTx({ transaction, kind: 'new' }).code === 'ok', 'it may wait')
    const bounds = { maxBytes: limits.blockBytes, maxTransactions: limits.blockTransactions }
    for (const timeMs of [bed.disk.nowMs, bed.disk.nowMs + 9, bed.disk.nowMs + 10, bed.disk.nowMs + 1_000]) {
      const proposal = { height: 1, timeMs, transactions: sent, ...bounds }
      const { transactions } = application.prepareProposal(proposal)
      demand(transactions.includes(late) === timeMs < bed.disk.nowMs + 10, 'what is too late for a block is left out')
      demand(application.processProposal({ ...proposal, transactions }) === 'accept', 'an honest block is accepted')
    }
    const timeMs = bed.disk.nowMs + 500
    const [first = ''] = sent
    const foreign = [[first, first], [late], ['nonsense'], [signActions(ann, [payIn(1n)], { group: 'A'.repeat(43) })]]
    for (const transactions of foreign) {
      const verdict = application.processProposal({ height: 1, timeMs, transactions, ...bounds })
      demand(verdict === 'reject', 'what no honest member proposes is rejected')
    }
    const wrong = { timeMs, transactions: [], ...bounds }
    demand(application.processProposal({ ...wrong, height: 2 }) === 'reject', 'a block of another height is rejected')
    demand(
      application.processProposal({ ...wrong, height: 1, timeMs: startMs - 1 }) === 'reject',
      'time does not go back',
    )
  },
}

/** The application with some calls replaced. */
function wrap(application: EmbeddedApplication, change: Partial<EmbeddedApplication>): EmbeddedApplication {
  return new Proxy(application, {
    get: (target, name) => {
      const replaced = (change as Record<PropertyKey, unknown>)[name]
      if (replaced !== undefined) return replaced
      const own = Reflect.get(target, name, target) as unknown
      return typeof own === 'function' ? own.bind(target) : own
    },
  })
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

function demand(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`It does not hold that ${sentence}.`)
}
