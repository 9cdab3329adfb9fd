/** From the application to the confirmed person. A decision that was begun is finished, whatever breaks off in between. */

import { refusalReasons } from '@chengxin/client/bureau-acts'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import { randomSalt } from '../issuer/random.ts'
import { changeRecord, type Stored } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import { type Bureau, ensureOnLedger } from './bureau.ts'
import { commitmentOf } from './bureau-ledger.ts'
import { documentMark, type IdentityFacts, identityType, tidyFacts } from './identity-type.ts'
import { type Application, type Person } from './records.ts'

export interface Applied {
  readonly facts: IdentityFacts
  readonly documentPhoto?: string
  readonly facePhoto?: string
}

export function applicationMarks({ accountId, status, facts }: Application): { readonly [mark: string]: string } {
  return { status, document: documentMark(facts), ...(accountId === undefined ? {} : { account: accountId }) }
}

export function personMarks({ accountId, did, facts, status }: Person): { readonly [mark: string]: string } {
  return { account: accountId, did, document: documentMark(facts), status }
}

/**
 * Takes an application; `takenBy` is the officer at the counter, if one took it down. Refusals: `facts_malformed`,
 * `document_expired`, `photo_not_found`, `person_already_confirmed`, `application_pending`.
 */
export async function apply(
  bureau: Bureau,
  who: { readonly accountId?: string; readonly takenBy?: string },
  applied: Applied,
): Promise<string | Refusal> {
  const { kept, photos, nowMs } = bureau
  const facts = tidyFacts(applied.facts)
  if (facts === undefined) return refuse('facts_malformed')
  if (Date.parse(`${facts.document_expires}T23:59:59Z`) < nowMs()) return refuse('document_expired')
  const brought = [applied.documentPhoto, applied.facePhoto].filter((photoId) => photoId !== undefined)
  const bringer = who.takenBy ?? who.accountId ?? ''
  for (const photoId of brought) if (!(await photos.isOf(photoId, bringer))) return refuse('photo_not_found')
  if (who.accountId !== undefined) {
    const person = await personOfAccount(bureau, who.accountId)
    if (person !== undefined && person.value.status !== 'deceased') return refuse('person_already_confirmed')
    const last = await lastApplication(bureau, who.accountId)
    if (last?.value.status === 'submitted' || last?.value.status === 'confirming') return refuse('application_pending')
  }
  const application: Application = { ...who, ...applied, facts, status: 'submitted', submittedAtMs: nowMs() }
  const applicationId = randomId('application')
  await kept.applications.insert(applicationId, application, applicationMarks(application))
  // Until the decision they stay; a queue that nobody works through does not keep them for ever.
  await photos.deleteAt(brought, nowMs() + 180 * 86_400_000)
  return applicationId
}

export async function lastApplication({ kept }: Bureau, accountId: string): Promise<Stored<Application> | undefined> {
  return (await kept.applications.find('account', accountId, { limit: 1, newestFirst: true }))[0]
}

export async function personOfAccount({ kept }: Bureau, accountId: string): Promise<Stored<Person> | undefined> {
  return (await kept.people.find('account', accountId, { limit: 1, newestFirst: true }))[0]
}

/** Refusals: `application_not_found`, `application_not_open`, `own_application`, `reason_not_fitting`. */
export async function refuseApplication(
  bureau: Bureau,
  applicationId: string,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<Refusal | undefined> {
  const { kept, photos, nowMs, photosKeptMs } = bureau
  if (!(refusalReasons as readonly string[]).includes(reason)) return refuse('reason_not_fitting')
  const outcome = await changeRecord<Application, Refusal | Application>(
    kept.applications,
    applicationId,
    (application) => {
      const refused = refuseDecision(application, by)
      if (refused !== undefined) return { result: refused }
      const value: Application = { ...application, status: 'refused', reason, decidedBy: by, decidedAtMs: nowMs() }
      return { value, marks: applicationMarks(value), result: value }
    },
  )
  if (outcome === undefined) return refuse('application_not_found')
  if (isRefusal(outcome)) return outcome
  await photos.deleteAt([outcome.documentPhoto, outcome.facePhoto], nowMs() + photosKeptMs)
  return undefined
}

/**
 * Confirms somebody. Refusals: as of `refuseApplication`, then `document_of_another`, `key_proof_needed`, `ledger_refused`.
 */
export async function confirmApplication(
  bureau: Bureau,
  applicationId: string,
  by: string,
): Promise<'confirmed' | 'awaiting-key' | Refusal> {
  const { kept, nowMs } = bureau
  const stored = await kept.applications.get(applicationId)
  if (stored === undefined) return refuse('application_not_found')
  const refused = refuseDecision(stored.value, by)
  if (refused !== undefined) return refused
  const others = await kept.people.find('document', documentMark(stored.value.facts))
  const isTaken = others.some(({ value }) => value.status !== 'deceased' && value.accountId !== stored.value.accountId)
  if (isTaken) return refuse('document_of_another')

  const { accountId } = stored.value
  // Somebody without a phone has been seen; the ledger hears of it when there is a key.
  const status = accountId === undefined ? 'awaiting-key' : 'confirming'
  const decided: Application = {
    ...stored.value,
    status,
    decidedBy: by,
    decidedAtMs: nowMs(),
    personId: randomId('person'),
  }
  if (accountId !== undefined) {
    const account = await bureau.accounts.find(accountId)
    if (account?.did === undefined) return refuse('key_proof_needed')
    const missing = await ensureOnLedger(bureau, accountId, account.did)
    if (missing !== undefined) return missing
  }
  const isMine = await kept.applications.replace(applicationId, stored.version, decided, applicationMarks(decided))
  if (!isMine) return refuse('application_not_open')
  if (status === 'awaiting-key') return status
  return (await finish(bureau, applicationId)) ?? 'confirmed'
}

/** Goes on with a confirmation that was decided: person, ledger, certificate, photographs, each step once. */
export async function finish(bureau: Bureau, applicationId: string): Promise<Refusal | undefined> {
  const { kept, accounts, photos, nowMs, photosKeptMs } = bureau
  const application = (await kept.applications.get(applicationId))?.value
  const { accountId, personId, facts, decidedBy = '' } = application ?? {}
  if (application === undefined || accountId === undefined || personId === undefined) return undefined
  const did = (await accounts.find(accountId))?.did
  if (did === undefined || facts === undefined) return refuse('key_proof_needed')
  const missing = await ensureOnLedger(bureau, accountId, did)
  if (missing !== undefined) return missing

  const atMs = nowMs()
  const person: Person = {
    ...{ accountId, did, facts, salt: randomSalt(), status: 'confirming', confirmedAtMs: atMs, sent: [] },
    history: [
      {
        atMs,
        kind: 'confirm',
        by: decidedBy,
        ...(application.takenBy === undefined ? {} : { and: application.takenBy }),
      },
    ],
  }
  await kept.people.insert(personId, person, personMarks(person))
  const refused = await sayOnLedger(bureau, personId)
  if (refused !== undefined) return refused
  const value: Application = { ...application, status: 'confirmed' }
  await changeRecord(kept.applications, applicationId, () => ({
    value,
    marks: applicationMarks(value),
    result: undefined,
  }))
  await photos.deleteAt([application.documentPhoto, application.facePhoto], nowMs() + photosKeptMs)
  return undefined
}

/** Commits to a person's facts on the ledger, and lets certificates say them. */
export async function sayOnLedger(bureau: Bureau, personId: string): Promise<Refusal | undefined> {
  const { kept, ledger, office } = bureau
  const stored = await kept.people.get(personId)
  if (stored === undefined) return refuse('person_not_found')
  const { did, facts, salt, sent, accountId } = stored.value
  if (stored.value.status === 'confirming') {
    const remember = async (written: Person['sent']) => {
      await changeRecord(kept.people, personId, (value) => ({ value: { ...value, sent: written }, result: undefined }))
    }
    const refused = await ledger.confirm(did, commitmentOf(did, facts, salt), { sent, remember })
    if (refused !== undefined) return refused
    await changeRecord(kept.people, personId, (value) => {
      const confirmed: Person = { ...value, status: 'confirmed' }
      return { value: confirmed, marks: personMarks(confirmed), result: undefined }
    })
  }
  await office?.keepClaims(accountId, identityType.typeId, { ...facts, weid: did })
  return undefined
}

/** What was decided and broke off: at the start of the desk, and now and then. */
export async function finishOpen(bureau: Bureau): Promise<void> {
  for await (const { id } of everyRecord(bureau.kept.applications, ['status', 'confirming'])) await finish(bureau, id)
  for await (const { id } of everyRecord(bureau.kept.people, ['status', 'confirming'])) await sayOnLedger(bureau, id)
}

function refuseDecision(application: Application, by: string): Refusal | undefined {
  if (application.status !== 'submitted') return refuse('application_not_open')
  // Whoever typed the facts in at the counter must not be the one who finds them right, nor anyone their own.
  return application.takenBy === by || application.accountId === by ? refuse('own_application') : undefined
}
