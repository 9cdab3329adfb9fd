/** Acts upon people who are confirmed: proposed by one officer, agreed to by another where the kind of act needs two. */

import { type ActKind, actKinds, isReasonOf } from '@chengxin/client/bureau-acts'
import { type Did, isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import type { Evidence } from '../desk/assertion.ts'
import { keptWord } from '../desk/officers-word.ts'
import { randomId } from '../desk/random-id.ts'
import { randomSalt } from '../issuer/random.ts'
import { changeRecord, type Stored } from '../vault/face.ts'
import { personMarks, sayOnLedger } from './applications.ts'
import type { Bureau } from './bureau.ts'
import { type IdentityFacts, identityType, tidyFacts } from './identity-type.ts'
import { statusReasonOf } from './reasons.ts'
import { type Act, type Person } from './records.ts'

export interface Proposed {
  readonly kind: ActKind
  readonly personId: string
  readonly reason: string
  readonly facts?: IdentityFacts
  readonly guardian?: { readonly accountId: string; readonly untilMs: number }
}

export function actMarks({ personId, status, kind }: Act): { readonly [mark: string]: string } {
  return { person: personId, status, kind }
}

/**
 * Refusals: `reason_not_fitting`, `person_not_found`, `person_not_confirmed`, `facts_malformed`, `act_needs_guardian`. An act that
 * needs one officer is done when this resolves. `word`: the officer's, over exactly this.
 */
export async function proposeAct(
  bureau: Bureau,
  { by, word }: { readonly by: string; readonly word: Evidence },
  proposed: Proposed,
): Promise<string | Refusal> {
  const { kept, nowMs } = bureau
  const { kind, personId, reason, guardian } = proposed
  if (!isReasonOf(kind, reason)) return refuse('reason_not_fitting')
  const person = (await kept.people.get(personId))?.value
  if (person === undefined) return refuse('person_not_found')
  if (!fits(kind, person.status)) return refuse('person_not_confirmed')
  const facts = proposed.facts && tidyFacts(proposed.facts)
  const needsFacts = kind === 'correct' || kind === 'change-name'
  if (needsFacts ? facts === undefined : facts !== undefined) return refuse('facts_malformed')
  if ((kind === 'guardian') !== (guardian !== undefined)) return refuse('facts_malformed')
  const ward = guardian && (await bureau.accounts.find(guardian.accountId))
  if (guardian !== undefined && ward === undefined) return refuse('person_not_found')
  const way = kind === 'recover' ? await wayOfRecovery(bureau, person.did) : undefined
  if (kind === 'recover' && way === undefined) return refuse('act_needs_guardian')

  const actId = randomId('act')
  const act: Act = {
    ...{ kind, personId, reason, proposedBy: by, proposedAtMs: nowMs(), proposedWord: keptWord(word) },
    status: actKinds[kind].two ? 'proposed' : 'approved',
    ...(facts === undefined ? {} : { facts }),
    ...(guardian === undefined ? {} : { guardian }),
    ...(way === undefined ? {} : { way }),
  }
  await kept.acts.insert(actId, act, actMarks(act))
  const refused = actKinds[kind].two ? undefined : await carryOut(bureau, actId)
  return refused ?? actId
}

/**
 * Refusals: `act_unknown`, `act_not_open`, `act_own`, `act_lacks_key`, `act_signed_on_ledger`, and whatever carrying it out meets.
 */
export async function decideAct(
  bureau: Bureau,
  actId: string,
  { by, agree, word }: { readonly by: string; readonly agree: boolean; readonly word: Evidence },
): Promise<Refusal | undefined> {
  const { kept, nowMs } = bureau
  const outcome = await changeRecord<Act, Refusal | undefined>(kept.acts, actId, (act) => {
    if (act.status !== 'proposed') return { result: refuse('act_not_open') }
    // Nobody agrees to their own; declining one's own takes it back.
    if (agree && act.proposedBy === by) return { result: refuse('act_own') }
    if (agree && act.kind === 'recover' && act.newKey === undefined) return { result: refuse('act_lacks_key') }
    // What runs on the ledger is agreed to and taken back there, by the officers' own keys.
    const isOnLedger = act.way === 'counter' && (agree || act.signed !== undefined)
    if (isOnLedger) return { result: refuse('act_signed_on_ledger') }
    const status = agree ? 'approved' : 'declined'
    const value: Act = { ...act, status, decidedBy: by, decidedAtMs: nowMs(), decidedWord: keptWord(word) }
    return { value, marks: actMarks(value), result: undefined }
  })
  if ((await kept.acts.get(actId)) === undefined) return refuse('act_unknown')
  if (outcome !== undefined) return outcome
  return agree ? carryOut(bureau, actId) : undefined
}

/** Goes on with an act that was agreed to. A recovery stays open until its waiting time is over, see `recovery.ts`. */
export async function carryOut(bureau: Bureau, actId: string): Promise<Refusal | undefined> {
  const { kept } = bureau
  const act = await kept.acts.get(actId)
  const person = act && (await kept.people.get(act.value.personId))
  if (act?.value.status !== 'approved' || person === undefined) return undefined
  const refused = await steps[act.value.kind](bureau, act, person)
  if (refused !== undefined || act.value.kind === 'recover') return refused
  await changeRecord(kept.acts, actId, (value) => {
    const done: Act = { ...value, status: 'done' }
    return { value: done, marks: actMarks(done), result: undefined }
  })
  return undefined
}

type Step = (bureau: Bureau, act: Stored<Act>, person: Stored<Person>) => Promise<Refusal | undefined>

const steps: { readonly [kind in ActKind]: Step } = {
  async freeze(bureau, act, person) {
    await note(bureau, person.id, act, { status: 'frozen' })
    return setCertificates(bureau, person.value, act.value.kind, 'suspended')
  },
  async unfreeze(bureau, act, person) {
    await note(bureau, person.id, act, { status: 'confirmed' })
    return setCertificates(bureau, person.value, act.value.kind, 'valid')
  },
  correct: sayOtherwise,
  'change-name': sayOtherwise,
  async death(bureau, act, person) {
    const { accountId } = person.value
    await note(bureau, person.id, act, { status: 'deceased' })
    await bureau.office?.forgetClaims(accountId, identityType.typeId)
    await bureau.accounts.close(accountId)
    await bureau.sessions.endAll(accountId)
    return setCertificates(bureau, person.value, act.value.kind, 'revoked')
  },
  async guardian(bureau, act, person) {
    const { accountId, untilMs } = act.value.guardian as { accountId: string; untilMs: number }
    const guardianship = { guardian: accountId, ward: person.value.accountId, untilMs }
    await bureau.kept.guardianships.insert(act.id, guardianship, { guardian: accountId, ward: guardianship.ward })
    await note(bureau, person.id, act, {})
    return undefined
  },
  async recover(bureau, act, person) {
    // Officers have asked for it themselves, or the bureau now does as a guardian.
    if (act.value.way === 'counter') return undefined
    const { newKey, sent = [] } = act.value
    if (newKey === undefined) return refuse('act_lacks_key')
    const { did } = person.value
    const remember = async (written: readonly { jws: string; id: string; notAfterMs: number }[]) => {
      await changeRecord(bureau.kept.acts, act.id, (value) => ({
        value: { ...value, sent: written },
        result: undefined,
      }))
    }
    const refused = await bureau.ledger.requestRecovery(did, newKey, { sent, remember })
    if (refused !== undefined) return refused
    const completableAtMs = (await bureau.ledger.recovery(did))?.completableAtMs
    await changeRecord(bureau.kept.acts, act.id, (value) => ({
      value: { ...value, ...(completableAtMs === undefined ? {} : { completableAtMs }) },
      result: undefined,
    }))
    return undefined
  },
}

/** New facts under a new salt: what the ledger knew of the old ones tells nothing about the new. */
async function sayOtherwise(bureau: Bureau, act: Stored<Act>, person: Stored<Person>): Promise<Refusal | undefined> {
  const facts = act.value.facts as IdentityFacts
  await note(bureau, person.id, act, { facts, salt: randomSalt(), status: 'confirming', sent: [] })
  const refused = await sayOnLedger(bureau, person.id)
  if (refused !== undefined) return refused
  const { accountId, did } = person.value
  for (const { reference, status, replacedBy, typeId } of (await bureau.office?.recordsOf(accountId)) ?? []) {
    if (typeId !== identityType.typeId || status === 'revoked' || replacedBy !== undefined) continue
    await bureau.office?.correct(reference, { ...facts, weid: did })
  }
  return undefined
}

/** Once for each act, so that going on after an interruption writes nothing twice. */
async function note(bureau: Bureau, personId: string, act: Stored<Act>, changed: Partial<Person>): Promise<void> {
  const { kind, reason, proposedBy, decidedBy } = act.value
  const atMs = timeOf(act.value)
  const line = { atMs, kind, reason, by: proposedBy, ...(decidedBy === undefined ? {} : { and: decidedBy }) }
  await changeRecord(bureau.kept.people, personId, (value) => {
    if (isNoted(value, act.value)) return { result: undefined }
    const next: Person = { ...value, ...changed, history: [...value.history, line] }
    return { value: next, marks: personMarks(next), result: undefined }
  })
}

function timeOf({ decidedAtMs, proposedAtMs }: Act): number {
  return decidedAtMs ?? proposedAtMs
}

function isNoted({ history }: Person, act: Act): boolean {
  return history.some(({ atMs, kind }) => atMs === timeOf(act) && kind === act.kind)
}

async function setCertificates(
  { office }: Bureau,
  { accountId }: Person,
  kind: ActKind,
  word: 'suspended' | 'valid' | 'revoked',
): Promise<undefined> {
  const reason = statusReasonOf[kind]
  const records = (await office?.recordsOf(accountId)) ?? []
  const open = records.filter(({ status }) => status !== 'revoked' && status !== word)
  if (reason === undefined || open.length === 0) return undefined
  const changed = await office?.setStatus(
    open.map(({ reference }) => reference),
    word,
    reason,
  )
  const fault = changed?.find(isRefusal)
  if (fault !== undefined) throw new Error(`A certificate's status could not be changed: ${fault.refused}.`)
  return undefined
}

/** The counter where it is open, else the bureau as a guardian whom the resident has named; undefined where neither helps. */
async function wayOfRecovery({ ledger }: Bureau, did: Did): Promise<Act['way']> {
  if (await ledger.isCounterOpen(did)) return 'counter'
  return (await ledger.recovery(did))?.guardians.includes(ledger.did) === true ? 'guardian' : undefined
}

function fits(kind: ActKind, status: Person['status']): boolean {
  if (kind === 'unfreeze') return status === 'frozen'
  if (kind === 'death') return status !== 'deceased'
  return status === 'confirmed'
}
