/**
 * What must hold at every step of every history, and the memory that it takes to see it: what all members have shown so
 * far, by height and by transaction. It asks members for what they serve and never for what they are.
 */
import { createHash } from 'node:crypto'
import { equalBytes, toBase64url } from '@chengxin/kernel'
import type { Misbehaviour } from '@chengxin/ledger/ordering/cometbft/requests'
import { computeStateRoot } from './crash-store.ts'
import type { Answer, Block, Member } from './member.ts'
import { purseHolders, startMs } from './town.ts'
import { chest, purseAtStart } from './town-rules.ts'

export const invariants = {
  agreement: 'All members answer and store the same for one height.',
  one_result:
    'A transaction has one leaf in the log, a nonce one use until it expires, and each place of a block a result.',
  info_honest: 'Info tells the last committed block, and nothing that is not committed.',
  commit_persists: 'Nothing but commit makes a block exist.',
  honest_accepted: 'What an honest member proposes is accepted by all.',
  dishonest_rejected: 'What no honest member can propose is rejected by all.',
  nothing_lost: 'What was committed or told to be final is there after every restart.',
  final: 'Only what members have agreed on is told to be final, once, in order, and as it was executed.',
  grammar: 'Calls and answers keep the grammar of ABCI.',
  value_conserved: 'Value moves and is never made or lost.',
  idle: 'A block without leaves changes neither root nor state nor agreed hash.',
  validators: 'Changes of validators are ones that an engine survives, and lead to the set in the state.',
  evidence_kept: 'Whom a block names as having signed twice, every member that has the block knows, and nobody else.',
  known_stays_out: 'What is in the log is not admitted again.',
  nothing_stuck: 'What waits enters a block or expires.',
  member_halted: 'No member halts.',
  joined_agreed: 'Who joins by a snapshot has the state that members agreed on.',
  poison_refused: 'A snapshot or chunk is answered as it must be: the agreed one is taken, and any other is not.',
  join_clean: 'Joining ends with the whole state in its place, or with nothing of it.',
} as const

export type Invariant = keyof typeof invariants

export class Broken extends Error {
  override readonly name = 'Broken'
  readonly invariant: Invariant
  constructor(invariant: Invariant, facts: string) {
    super(`${invariant}: ${invariants[invariant]} ${facts}`)
    this.invariant = invariant
  }
}

interface Shown {
  readonly finalized: string
  readonly results: readonly { readonly code: string }[]
  readonly updates: Answer<'finalizeBlock'>['validatorUpdates']
  readonly agreedHash: string
  stored?: string
}

const total = purseAtStart * BigInt(purseHolders.length)
const genesisBlock: Block = {
  height: 0,
  timeMs: startMs,
  transactions: [],
  proposer: '',
  lastCommit: { round: 0, votes: [] },
  misbehaviour: [],
}
const purseKeys = [...purseHolders, chest].map((holder) => `purses/purses/${holder}`)

export class Witness {
  /** Blocks that the engines have decided, by height, after that of genesis. */
  readonly decided: Block[] = [genesisBlock]
  readonly #shown: (Shown | undefined)[] = []
  #genesis: string | undefined
  /** Where each transaction has its leaf, by id. */
  readonly leaves = new Map<string, { readonly height: number; readonly code: string }>()
  /** How often each result has been given, over all blocks. */
  readonly codes = new Map<string, number>()
  readonly #nonces = new Map<string, number>()
  /** The engines' set after each height's updates. */
  readonly #validators: ReadonlyMap<string, number>[] = []

  get tip(): number {
    return this.decided.length - 1
  }

  /** Who validates the next height. CometBFT lets updates count from the second height after theirs on. */
  validators(): ReadonlyMap<string, number> {
    return this.#validators[Math.max(0, this.tip - 1)] as ReadonlyMap<string, number>
  }

  /** What the engines' headers say of a height that members have finalized. */
  agreedHashAt(height: number): string {
    return (this.#shown[height] as Shown).agreedHash
  }

  /** All misbehaviour that blocks up to this one have named, after another one where somebody began with that. */
  caughtUntil(height: number, after = -1): readonly string[] {
    return this.decided.slice(after + 1, height + 1).flatMap((block) => block.misbehaviour.map(nameOfMisbehaviour))
  }

  #compareCaught(member: Member): void {
    const known = this.caughtUntil(member.height, member.joinedAt)
    const isAll = known.every((name) => member.caught.has(name))
    hold(isAll, 'evidence_kept', `${member.name} has forgotten somebody after height ${member.height}.`)
  }

  founded(member: Member, answer: Answer<'initChain'>): void {
    const text = JSON.stringify([toBase64url(answer.appHash), answer.validators])
    this.#genesis ??= text
    hold(this.#genesis === text, 'agreement', `${member.name} founds another chain.`)
    this.#validators[0] ??= new Map(answer.validators.map(({ key, power }) => [key, power]))
    this.#compareStored(member, 0)
  }

  greeted(member: Member, { height, appHash }: Answer<'info'>): void {
    const { name, acknowledged } = member
    hold(height === Math.max(member.height, 0), 'info_honest', `${name} tells height ${height} of ${member.height}.`)
    hold(height >= acknowledged, 'nothing_lost', `${name} stands at ${height} and had committed ${acknowledged}.`)
    hold(height <= member.stored, 'info_honest', `${name} is ahead of its engine: ${height} after ${member.stored}.`)
    this.#compareCaught(member)
    if (height === 0) return
    const expected = this.#shown[height]?.agreedHash
    hold(toBase64url(appHash) === expected, 'info_honest', `${name} tells another hash than height ${height} has.`)
  }

  /** A member that a snapshot has brought here, against every row that members had then. */
  restored(member: Member, rows: ReadonlyMap<string, string>): void {
    const { name, store, height } = member
    for (const [key, value] of rows) hold(store.row(key) === value, 'joined_agreed', `${name} has another ${key}.`)
    const root = store.stateRootAt(store.head()?.size ?? 0)
    const isSame = root !== undefined && equalBytes(root, computeStateRoot(rows))
    hold(isSame, 'joined_agreed', `${name} has rows at height ${height} that nobody has.`)
    this.#compareStored(member, height)
  }

  finalized(member: Member, block: Block, answer: Answer<'finalizeBlock'>): void {
    const { height } = block
    hold(
      member.height === height - 1,
      'commit_persists',
      `${member.name} has ${member.height} before it commits ${height}.`,
    )
    const results = answer.results.map(({ code, data, log }) => ({ code: code === 0 ? 'ok' : log, data: hexOf(data) }))
    const agreedHash = toBase64url(answer.appHash)
    const finalized = JSON.stringify([agreedHash, results, answer.validatorUpdates])
    const shown = this.#shown[height]
    if (shown !== undefined) {
      hold(shown.finalized === finalized, 'agreement', `${member.name} answers otherwise at height ${height}.`)
      return
    }
    hold(results.length === block.transactions.length, 'one_result', `${results.length} results at height ${height}.`)
    this.#follow(height, answer)
    for (const { code } of results) this.codes.set(code, (this.codes.get(code) ?? 0) + 1)
    if (answer.validatorUpdates.length > 0) this.codes.set('validators', (this.codes.get('validators') ?? 0) + 1)
    this.#shown[height] = { finalized, results, updates: answer.validatorUpdates, agreedHash }
  }

  /** Applies the updates as an engine does, which dies of those that it cannot. */
  #follow(height: number, { validatorUpdates }: Answer<'finalizeBlock'>): void {
    const set = new Map(this.#validators[height - 1])
    const keys = new Set(validatorUpdates.map(({ key }) => key))
    hold(keys.size === validatorUpdates.length, 'validators', `A key is updated twice at height ${height}.`)
    for (const { key, power } of validatorUpdates) {
      hold(power > 0 || set.has(key), 'validators', `An unknown validator is removed at height ${height}.`)
      if (power === 0) set.delete(key)
      else set.set(key, power)
    }
    hold(set.size > 0, 'validators', `Nobody validates after height ${height}.`)
    this.#validators[height] = set
  }

  committed(member: Member, block: Block): void {
    const { height } = block
    hold(member.height === height, 'nothing_lost', `${member.name} has ${member.height} after commit of ${height}.`)
    member.acknowledged = height
    const isFirst = this.#shown[height]?.stored === undefined
    this.#compareStored(member, height)
    if (isFirst) this.#learn(member, block)
    this.#conserve(member)
    this.#compareCaught(member)
    const isMore = member.caught.size > this.caughtUntil(height, member.joinedAt).length
    hold(!isMore, 'evidence_kept', `${member.name} knows somebody whom no block has named by height ${height}.`)
    const set = this.#validators[height] as ReadonlyMap<string, number>
    const own = member.validators()
    const isSame = own.size === set.size && [...own].every(([key, power]) => set.get(key) === power)
    hold(isSame, 'validators', `${member.name} has another set in its state than its engine at height ${height}.`)
  }

  /** Head and leaves as the member would serve them, against what others have. */
  #compareStored(member: Member, height: number): void {
    const { store } = member
    const [head, block] = [store.head(), store.block(height)]
    hold(head?.height === height && block !== undefined, 'nothing_lost', `${member.name} does not have ${height}.`)
    const { size, root, stateHash, agreedHash, rulesetHash, stateRoot, timeMs } = head
    const hashes = [root, stateHash, agreedHash, rulesetHash, stateRoot?.root ?? new Uint8Array(0)].map(hexOf)
    const sum = createHash('sha256')
    for (const { leaf, events } of block.leaves) sum.update(leaf).update(events)
    const stored = JSON.stringify([size, timeMs, stateRoot?.size, hashes, block.firstLeaf, sum.digest('hex')])
    const shown = (this.#shown[height] ??= {
      finalized: '',
      results: [],
      updates: [],
      agreedHash: toBase64url(agreedHash),
    })
    hold(
      toBase64url(agreedHash) === shown.agreedHash,
      'agreement',
      `${member.name} stores another agreed hash at height ${height} than was answered.`,
    )
    shown.stored ??= stored
    hold(shown.stored === stored, 'agreement', `${member.name} stores otherwise at height ${height}.`)
  }

  /** What a height adds, from the first member that has it: all others must have the same. */
  #learn(member: Member, block: Block): void {
    const { height, transactions } = block
    const stored = member.store.block(height)
    const shown = this.#shown[height] as Shown
    const leaves = stored?.leaves ?? []
    for (const { leaf } of leaves) {
      const { code, jws, position } = JSON.parse(Buffer.from(leaf).toString()) as LeafFacts
      hold(transactions[position] === jws, 'one_result', `A leaf at height ${height} stands for another text.`)
      hold(shown.results[position]?.code === code, 'one_result', `A leaf at height ${height} has another code.`)
      const { id, nonceKey, notAfter } = factsOf(jws)
      hold(!this.leaves.has(id), 'one_result', `${id} has a leaf at ${this.leaves.get(id)?.height} and at ${height}.`)
      const usedUntil = this.#nonces.get(nonceKey) ?? 0
      hold(usedUntil <= block.timeMs, 'one_result', `The nonce of ${nonceKey} is used again at height ${height}.`)
      hold(notAfter > block.timeMs, 'one_result', `${id} has expired and is in the log.`)
      this.leaves.set(id, { height, code })
      this.#nonces.set(nonceKey, notAfter)
    }
    if (leaves.length > 0 || height === 0) return
    const before = JSON.parse(this.#shown[height - 1]?.stored ?? 'null') as StoredFacts | null
    const now = JSON.parse(shown.stored ?? 'null') as StoredFacts
    if (before === null) return
    const isSame = before[0] === now[0] && JSON.stringify(before[3]) === JSON.stringify(now[3])
    hold(isSame, 'idle', `Height ${height} has no leaf.`)
  }

  #conserve({ name, store, height }: Member): void {
    let sum = 0n
    for (const key of purseKeys) {
      const row = store.row(key)
      if (row === undefined) throw new Broken('value_conserved', `${name} has lost ${key}.`)
      const amount = BigInt((JSON.parse(row) as { amount: string }).amount)
      hold(amount >= 0n, 'value_conserved', `${key} owes at height ${height}.`)
      sum += amount
    }
    hold(sum === total, 'value_conserved', `${name} holds ${sum} of ${total} at height ${height}.`)
  }

  /** A block that a member tells its clients is final. */
  confirmed(
    member: Member,
    block: Pick<Block, 'height' | 'timeMs' | 'transactions'> & {
      readonly results: readonly { readonly code: string }[]
    },
  ): void {
    const { height } = block
    const decided = this.decided[height]
    const where = `${member.name} at height ${height}`
    hold(decided !== undefined && height <= member.height, 'final', `${where} tells what is not committed.`)
    const isSame = decided.transactions.every((text, at) => text === block.transactions[at])
    hold(isSame && decided.timeMs === block.timeMs, 'final', `${where} tells another block.`)
    const codes = (results: readonly { readonly code: string }[]) => results.map(({ code }) => code).join(' ')
    const shown = this.#shown[height]
    hold(codes(shown?.results ?? []) === codes(block.results), 'final', `${where} tells other results.`)
    const isUnchanged = shown?.agreedHash === this.#shown[height - 1]?.agreedHash
    hold(this.tip > height || isUnchanged, 'final', `${where} tells what no later header has confirmed.`)
  }

  /** An entry of a mempool may be a parcel, of which one transaction must be new. */
  admitted(member: Member, entry: string, code: string): void {
    if (code !== 'ok') return
    let height = 0
    for (const text of entry.split('\n')) {
      const leaf = this.leaves.get(factsOf(text).id)
      if (leaf === undefined || leaf.height > member.height) return
      height = leaf.height
    }
    throw new Broken('known_stays_out', `${member.name} admits what has a leaf at height ${height}.`)
  }
}

/** As the file of a member has it: who, and where it signed twice. */
export function nameOfMisbehaviour({ type, address, height }: Misbehaviour): string {
  return `${type} ${address} ${height}`
}

interface LeafFacts {
  readonly code: string
  readonly jws: string
  readonly position: number
}

type StoredFacts = readonly [size: number, timeMs: number, stateRootSize: number | null, hashes: readonly string[]]

interface TextFacts {
  readonly id: string
  readonly nonceKey: string
  readonly notAfter: number
}

const knownFacts = new Map<string, TextFacts>()

/** Read from the text alone, without the ledger's code. */
function factsOf(jws: string): TextFacts {
  const known = knownFacts.get(jws)
  if (known !== undefined) return known
  const [header = '', payload = ''] = jws.split('.')
  const id = createHash('sha256').update(`${header}.${payload}`).digest('base64url')
  const { kid = '' } = readPart(header) as { kid?: string }
  const { nonce = '', notAfter = 0 } = readPart(payload) as { nonce?: string; notAfter?: number }
  const facts = { id, nonceKey: `${kid.split('#')[0]} ${nonce}`, notAfter }
  knownFacts.set(jws, facts)
  return facts
}

function readPart(part: string): object {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as object
  } catch {
    return {}
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

function hold(holds: boolean, invariant: Invariant, facts: string): asserts holds {
  if (!holds) throw new Broken(invariant, facts)
}
