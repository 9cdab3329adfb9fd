/**
 * Acts that one officer proposes and another agrees to, because a mistake in them would hurt many at once. Both names stay
 * with what was done.
 */

import type { StatusWord } from '@chengxin/audit'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
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
  readonly state: 'open' | 'done' | 'rejected'
  readonly decidedBy?: string
  readonly decidedAtMs?: number
  readonly changed?: number
}

export interface ActBook {
  /** More certificates than this at once want a second officer. */
  readonly aloneUpTo: number
  /** Done at once where one officer may, else proposed. Refusals of one certificate: those of `setStatus`. */
  setStatus(
    wish: Pick<Act, 'word' | 'reasonCode' | 'references'>,
    officer: Person,
  ): Promise<{ readonly changed: number } | { readonly actId: string } | Refusal>
  open(): Promise<readonly { readonly actId: string; readonly act: Act }[]>
  /** Refusals: `act_not_found`, `second_officer_needed`. */
  approve(actId: string, officer: Person): Promise<Act | Refusal>
  /** Whoever proposed may take it back as well. Refusals: `act_not_found`. */
  reject(actId: string, officer: Person): Promise<Act | Refusal>
}

/** Opens the book, and does what was agreed to when an earlier process ended. */
export async function openActs(
  office: IssuingOffice,
  vault: Vault,
  nowMs: () => number,
  aloneUpTo = 10,
): Promise<ActBook> {
  const acts: Collection<Act> = vault.collection(`issuer-${office.office}-acts`)

  async function perform({ references, word, reasonCode }: Pick<Act, 'word' | 'reasonCode' | 'references'>) {
    const outcomes = await office.setStatus(references, word, reasonCode)
    const [first] = outcomes
    // One certificate is refused with its reason; of many, those that could be changed are.
    if (outcomes.length === 1 && isRefusal(first)) return first
    return { changed: outcomes.filter((outcome) => !isRefusal(outcome)).length }
  }

  async function decide(actId: string, officer: Person, state: 'done' | 'rejected'): Promise<Act | Refusal> {
    const decided = await changeRecord<Act, Act | Refusal>(acts, actId, (value) => {
      if (value.state !== 'open') return { result: refuse('act_not_found') }
      if (state === 'done' && value.proposedBy === officer.accountId) return { result: refuse('second_officer_needed') }
      const next: Act = { ...value, state, decidedBy: officer.accountId, decidedAtMs: nowMs() }
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

  return {
    aloneUpTo,
    async setStatus(wish, officer) {
      if (wish.references.length <= aloneUpTo) return perform(wish)
      const actId = randomId('act')
      const act: Act = { ...wish, proposedBy: officer.accountId, proposedAtMs: nowMs(), state: 'open' }
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
