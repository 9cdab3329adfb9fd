/**
 * Acts that one officer proposes and another agrees to, because a mistake in them would hurt many at once. Both names stay
 * with what was done.
 */

import type { StatusWord } from '@chengxin/audit'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import type { Evidence } from '../../desk/assertion.ts'
import { type KeptWord, keptWord } from '../../desk/officers-word.ts'
import type { Person } from '../../desk/person.ts'
import { randomId } from '../../desk/random-id.ts'
import { type Collection, changeRecord, type Vault } from '../../vault/face.ts'
import type { IssuingOffice } from '../issuing-office.ts'

export type Act = {
  readonly word: StatusWord
  readonly reasonCode: string
  readonly references: readonly string[]
  readonly proposedBy: string
  readonly proposedAtMs: number
  /** The proof that the officer wanted exactly this; acts from before officers gave it have none. */
  readonly proposedWord?: KeptWord
  readonly state: 'open' | 'done' | 'rejected'
  readonly decidedBy?: string
  readonly decidedAtMs?: number
  readonly decidedWord?: KeptWord
  readonly changed?: number
}

export type StatusWish = Pick<Act, 'word' | 'reasonCode' | 'references'>

/** Who acts, and their word on it where one is wanted. */
export interface ByOfficer {
  readonly by: Person
  readonly word?: Evidence
}

export interface ActBook {
  /** More certificates than this at once want a second officer. */
  readonly aloneUpTo: number
  needsTwo(wish: StatusWish): boolean
  /** Done at once where one officer may, else proposed. Refusals of one certificate: those of `setStatus`. */
  setStatus(
    wish: StatusWish,
    officer: ByOfficer,
  ): Promise<{ readonly changed: number } | { readonly actId: string } | Refusal>
  open(): Promise<readonly { readonly actId: string; readonly act: Act }[]>
  /** Refusals: `act_not_found`, `second_officer_needed`. */
  approve(actId: string, officer: ByOfficer): Promise<Act | Refusal>
  /** Whoever proposed may take it back as well. Refusals: `act_not_found`. */
  reject(actId: string, officer: ByOfficer): Promise<Act | Refusal>
}

/** Opens the book, and does what was agreed to when an earlier process ended. */
export async function openActs(
  office: IssuingOffice,
  vault: Vault,
  nowMs: () => number,
  aloneUpTo = 10,
): Promise<ActBook> {
  const acts: Collection<Act> = vault.collection(`issuer-${office.office}-acts`)

  async function perform({ references, word, reasonCode }: StatusWish) {
    const outcomes = await office.setStatus(references, word, reasonCode)
    const [first] = outcomes
    // One certificate is refused with its reason; of many, those that could be changed are.
    if (outcomes.length === 1 && isRefusal(first)) return first
    return { changed: outcomes.filter((outcome) => !isRefusal(outcome)).length }
  }

  async function decide(
    actId: string,
    { by: { accountId }, word }: ByOfficer,
    state: 'done' | 'rejected',
  ): Promise<Act | Refusal> {
    const decided = await changeRecord<Act, Act | Refusal>(acts, actId, (value) => {
      if (value.state !== 'open') return { result: refuse('act_not_found') }
      if (state === 'done' && value.proposedBy === accountId) return { result: refuse('second_officer_needed') }
      const decided = { decidedBy: accountId, decidedAtMs: nowMs(), ...(word && { decidedWord: keptWord(word) }) }
      const next: Act = { ...value, state, ...decided }
      return { value: next, marks: { state: state === 'done' ? 'agreed' : state }, result: next }
    })
    return decided ?? refuse('act_not_found')
  }

  async function carryOut(actId: string, act: Act): Promise<Act> {
    const outcome = await perform(act)
    const done: Act = { ...act, changed: isRefusal(outcome) ? 0 : outcome.changed }
    await changeRecord(acts, actId, () => ({ value: done, marks: { state: 'done' }, result: true }))
    return done
  }

  const agreed = await acts.find('state', 'agreed', { limit: 1000 })
  // Not waited for: the door to the ledger may open later than the book.
  void (async () => {
    for (const { id, value } of agreed) await carryOut(id, value)
  })().catch(() => undefined)

  const needsTwo = ({ references }: StatusWish) => references.length > aloneUpTo

  return {
    aloneUpTo,
    needsTwo,
    async setStatus({ references, word, reasonCode }, { by, word: given }) {
      const wish: StatusWish = { references, word, reasonCode }
      if (!needsTwo(wish)) return perform(wish)
      const actId = randomId('act')
      const proposed = {
        proposedBy: by.accountId,
        proposedAtMs: nowMs(),
        ...(given && { proposedWord: keptWord(given) }),
      }
      const act: Act = { ...wish, ...proposed, state: 'open' }
      await acts.insert(actId, act, { state: 'open' })
      return { actId }
    },
    async open() {
      return (await acts.find('state', 'open', { limit: 100 })).map(({ id, value }) => ({ actId: id, act: value }))
    },
    async approve(actId, officer) {
      const act = await decide(actId, officer, 'done')
      return isRefusal(act) ? act : carryOut(actId, act)
    },
    reject: (actId, officer) => decide(actId, officer, 'rejected'),
  }
}
