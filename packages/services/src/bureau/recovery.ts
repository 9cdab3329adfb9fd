/**
 * Recovery at the counter, for somebody who has lost every passkey: one officer opens it and hands a ticket over, the
 * resident makes a passkey on the new device, another officer agrees, and after the waiting time that the resident has
 * chosen the new key takes the place of the old ones. Until then any old key can stop it, on the ledger and without us.
 */
import { randomBytes } from 'node:crypto'
import type { RelyingParty } from '@chengxin/crypto'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import { keyOf } from '../openid/expiring-store.ts'
import { randomSecret } from '../openid/secrets.ts'
import { checkRegistration } from '../sign-in/registration.ts'
import { changeRecord } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import { actMarks } from './acts.ts'
import type { Bureau } from './bureau.ts'
import { type Act, type NewKey, type Ticket } from './records.ts'

const ticketForMs = 24 * 3_600_000

/** A secret for a QR code: told once. */
export async function newTicket(bureau: Bureau, ticket: Omit<Ticket, 'untilMs'>): Promise<string> {
  const secret = randomSecret()
  await bureau.kept.tickets.insert(
    randomId('ticket'),
    { ...ticket, untilMs: bureau.nowMs() + ticketForMs },
    {
      secret: keyOf(secret),
    },
  )
  return secret
}

export async function findTicket(bureau: Bureau, secret: string, purpose: Ticket['purpose']) {
  const found = (await bureau.kept.tickets.find('secret', keyOf(secret), { limit: 1 }))[0]
  const isGood = found?.value.purpose === purpose && found.value.untilMs > bureau.nowMs()
  return isGood ? found : undefined
}

/** What the new device needs to make its passkey. Refusals: `ticket_not_valid`. */
export async function beginNewKey(bureau: Bureau, secret: string) {
  const ticket = await findTicket(bureau, secret, 'recovery')
  const act = ticket && (await bureau.kept.acts.get(ticket.value.subjectId))?.value
  const person = act && (await bureau.kept.people.get(act.personId))?.value
  if (ticket === undefined || act?.status !== 'proposed' || person === undefined) return refuse('ticket_not_valid')
  const challenge = randomSecret()
  await bureau.kept.tickets.replace(ticket.id, ticket.version, { ...ticket.value, challenge })
  const account = await bureau.accounts.find(person.accountId)
  return { challenge, userHandle: account?.userHandle ?? '', did: person.did }
}

export interface GivenKey {
  readonly authenticatorData: string
  readonly clientDataJSON: string
  /** The new passkey's word over group and DID, as `identity.requestRecovery` takes it. */
  readonly proof: string
  readonly webauthn: { readonly authenticatorData: string; readonly clientDataJSON: string }
}

/** Refusals: `ticket_not_valid`, those of a registration. */
export async function giveNewKey(
  bureau: Bureau,
  relyingParty: RelyingParty,
  secret: string,
  given: GivenKey,
): Promise<Refusal | undefined> {
  const ticket = await findTicket(bureau, secret, 'recovery')
  const { challenge, subjectId } = ticket?.value ?? {}
  if (ticket === undefined || challenge === undefined || subjectId === undefined) return refuse('ticket_not_valid')
  const { authenticatorData, clientDataJSON, proof, webauthn } = given
  const made = checkRegistration({ relyingParty, challenge, authenticatorData, clientDataJSON })
  if (isRefusal(made)) return made
  const newKey: NewKey = { ...made, keyId: `key-${randomBytes(6).toString('hex')}`, proof, webauthn }
  const outcome = await changeRecord<Act, Refusal | undefined>(bureau.kept.acts, subjectId, (act) =>
    act.status === 'proposed' && act.newKey === undefined
      ? { value: { ...act, newKey }, result: undefined }
      : { result: refuse('ticket_not_valid') },
  )
  await bureau.kept.tickets.erase(ticket.id)
  return outcome
}

/** Completes recoveries whose waiting time is over, and notes those that an old key has stopped. */
export async function watchRecoveries(bureau: Bureau): Promise<void> {
  for await (const { id, value: act } of everyRecord(bureau.kept.acts, ['status', 'approved'])) {
    if (act.kind === 'recover' && act.newKey !== undefined) await watch(bureau, id, act, act.newKey)
  }
}

async function watch(bureau: Bureau, actId: string, act: Act, newKey: NewKey): Promise<void> {
  const { kept, ledger, nowMs } = bureau
  const person = (await kept.people.get(act.personId))?.value
  if (person === undefined) return
  const { completableAtMs } = (await ledger.recovery(person.did)) ?? {}
  if (completableAtMs !== undefined && completableAtMs <= nowMs()) await ledger.completeRecovery(person.did)
  const isDone = await ledger.hasKey(person.did, newKey.keyId)
  if (isDone) await takeOver(bureau, person.accountId, newKey)
  const isStopped = !isDone && completableAtMs === undefined && act.completableAtMs !== undefined
  if (!isDone && !isStopped) return
  await changeRecord(kept.acts, actId, (value) => {
    const next: Act = { ...value, status: isDone ? 'done' : 'declined' }
    return { value: next, marks: actMarks(next), result: undefined }
  })
}

/** The account follows the ledger: old passkeys and sessions end, the new passkey signs in. */
async function takeOver({ accounts, sessions }: Bureau, accountId: string, newKey: NewKey): Promise<void> {
  const { credentialId, jwk, keyId } = newKey
  for (const old of await accounts.passkeys(accountId)) {
    if (old.credentialId !== credentialId) await accounts.removePasskey(old.credentialId)
  }
  await accounts.addPasskey(accountId, { credentialId, jwk, keyId })
  await sessions.endAll(accountId)
}
