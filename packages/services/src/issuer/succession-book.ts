/** Which types are to pass, are passing and have passed from which office to which; what was agreed is carried out to its end. */
import type { GroupClient, Signer } from '@chengxin/client'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { type KeptWord, keptWord } from '../desk/officers-word.ts'
import { randomId } from '../desk/random-id.ts'
import { type Collection, changeRecord, type Vault } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import type { ByOfficer } from './desk/acts.ts'
import type { IssuerDeskOffice } from './desk/office.ts'
import { adopt, entitle, handOver, isDissolved, type Passage } from './succession-works.ts'

export type Succession = {
  readonly typeId: string
  /** Words of the offices. */
  readonly from: string
  readonly to: string
  readonly proposedBy: string
  readonly proposedAtMs: number
  /** The proof that the officer wanted exactly this; what was proposed before officers gave it has none. */
  readonly proposedWord?: KeptWord
  readonly state: 'open' | 'declined' | 'agreed' | 'done'
  readonly decidedBy?: string
  readonly decidedAtMs?: number
  readonly decidedWord?: KeptWord
  /** What passed, once it is done. */
  readonly entitlements?: number
  readonly certificates?: number
  /** Present where this successor continues the old office's status lists. */
  readonly listsPassed?: true
}

export interface SuccessionBookOptions {
  readonly group: GroupClient
  readonly vault: Vault
  readonly offices: readonly IssuerDeskOffice[]
  /** Says who may issue, where this node has the key; else the successor's right must stand on the ledger already. */
  readonly authority?: Signer
  readonly nowMs: () => number
  /** Readers need a new trust bundle. */
  readonly published: () => void
  /** What nobody waits for has failed; it is tried again. */
  readonly failed: (error: unknown) => void
}

export interface Listed {
  readonly successionId: string
  readonly succession: Succession
}

export interface SuccessionBook {
  readonly offices: readonly IssuerDeskOffice[]
  office(word: string | undefined): IssuerDeskOffice | undefined
  /** Offices of this node that a type of an office can pass to: those that do not issue it themselves. */
  successorsFor(old: IssuerDeskOffice, typeId: string): readonly IssuerDeskOffice[]
  inState(state: Succession['state']): Promise<readonly Listed[]>
  /** Refusals: `office_not_an_issuer`, `type_not_issued`, `successor_unknown`, `succession_open`. */
  propose(officer: ByOfficer, typeId: string, to: string): Promise<{ readonly successionId: string } | Refusal>
  /** Refusals: `succession_not_found`, `second_officer_needed`, `type_authority_elsewhere`. */
  decide(officer: ByOfficer, successionId: string, agree: boolean): Promise<Succession | Refusal>
  /** Goes on with what was agreed, and supersedes what has been fetched from successors since. */
  upkeep(): Promise<void>
}

/** Opens the book; types that have passed are with their successors when it resolves. */
export async function openSuccessions(options: SuccessionBookOptions): Promise<SuccessionBook> {
  const { vault, offices, nowMs, group, authority } = options
  const kept: Collection<Succession> = vault.collection('issuer-successions')
  const named = (word: string | undefined) => offices.find(({ office }) => office.office === word)

  function passageOf({ typeId, from, to }: Succession): Passage | undefined {
    const [old, successor] = [named(from), named(to)]
    return old && successor && { typeId, old, successor }
  }

  /** One at a time: two officers' decisions and the upkeep must not hand over the same things at once. */
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = last.catch(() => undefined).then(work)
    last = next
    return next
  }

  const note = (successionId: string, change: Partial<Succession>) =>
    changeRecord<Succession, Succession>(kept, successionId, (before) => {
      const value = { ...before, ...change }
      return { value, marks: { state: value.state }, result: value }
    })

  async function carryOut(successionId: string, succession: Succession): Promise<Succession | Refusal> {
    const passage = passageOf(succession)
    if (passage === undefined) return succession
    const refused = await entitle(group, authority, passage)
    if (refused !== undefined) return refused
    const { entitlements, certificates } = await handOver(passage)
    // Entitlements of a round that was cut off are counted with these.
    const before = succession.entitlements ?? 0
    const done = await note(successionId, { state: 'done', entitlements: before + entitlements, certificates })
    // The type has passed; lists that cannot be published now are with the next upkeep.
    await passLists(successionId, passage).catch(options.failed)
    options.published()
    return done ?? succession
  }

  /** One successor continues the lists, whatever type comes to others: a list serves all types of its office. */
  async function passLists(successionId: string, { old, successor }: Passage): Promise<void> {
    for await (const { value } of everyRecord(kept, ['state', 'done'])) {
      if (value.from === old.office.office && value.listsPassed === true) return
    }
    if (!(await isDissolved(group, old))) return
    await old.office.passLists(successor.office, true)
    await note(successionId, { listsPassed: true })
  }

  async function upkeep(): Promise<void> {
    for await (const { id, value } of everyRecord(kept, ['state', 'agreed'])) await carryOut(id, value)
    for await (const { id, value } of everyRecord(kept, ['state', 'done'])) {
      const passage = passageOf(value)
      if (passage === undefined) continue
      await handOver(passage)
      await passLists(id, passage)
    }
  }

  // Types are with their successors before anybody asks; what needs the ledger waits until its door is open.
  for await (const { value } of everyRecord(kept, ['state', 'done'])) {
    const passage = passageOf(value)
    if (passage === undefined) continue
    await adopt(passage)
    if (value.listsPassed === true) await passage.old.office.passLists(passage.successor.office, false)
  }

  async function inState(state: Succession['state']): Promise<readonly Listed[]> {
    const found: Listed[] = []
    for await (const { id, value } of everyRecord(kept, ['state', state])) {
      found.push({ successionId: id, succession: value })
    }
    return found
  }

  const successorsFor = (old: IssuerDeskOffice, typeId: string) =>
    offices.filter((each) => each !== old && each.office.types.every((type) => type.typeId !== typeId))

  return {
    offices,
    office: named,
    successorsFor,
    inState,
    async propose({ by: { office, accountId }, word }, typeId, to) {
      const [old, successor] = [named(office), named(to)]
      if (old === undefined) return refuse('office_not_an_issuer')
      if (!old.office.types.some((type) => type.typeId === typeId)) return refuse('type_not_issued')
      if (successor === undefined || !successorsFor(old, typeId).includes(successor)) return refuse('successor_unknown')
      const from = old.office.office
      const others = [...(await inState('open')), ...(await inState('agreed')), ...(await inState('done'))]
      if (others.some(({ succession }) => succession.from === from && succession.typeId === typeId)) {
        return refuse('succession_open')
      }
      const successionId = randomId('succession')
      const proposed = { proposedBy: accountId, proposedAtMs: nowMs(), ...(word && { proposedWord: keptWord(word) }) }
      const value: Succession = { typeId, from, to, ...proposed, state: 'open' }
      await kept.insert(successionId, value, { state: 'open' })
      return { successionId }
    },
    async decide({ by: { office, accountId }, word }, successionId, agree) {
      const decided = await changeRecord<Succession, Succession | Refusal>(kept, successionId, (value) => {
        if (value.from !== office) return { result: refuse('succession_not_found') }
        if (value.state === 'agreed' && agree) return { result: value }
        if (value.state !== 'open') return { result: refuse('succession_not_found') }
        if (agree && value.proposedBy === accountId) return { result: refuse('second_officer_needed') }
        const state = agree ? 'agreed' : 'declined'
        const decision = { decidedBy: accountId, decidedAtMs: nowMs(), ...(word && { decidedWord: keptWord(word) }) }
        const next: Succession = { ...value, state, ...decision }
        return { value: next, marks: { state }, result: next }
      })
      if (decided === undefined) return refuse('succession_not_found')
      return isRefusal(decided) || !agree ? decided : inTurn(() => carryOut(successionId, decided))
    },
    upkeep: () => inTurn(upkeep),
  }
}
