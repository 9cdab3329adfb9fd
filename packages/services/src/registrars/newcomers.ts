/**
 * People whom a registrar brings in by a passport, such as students from abroad. An officer looks at the document and hands over a
 * link; on their own phone the newcomer opens it, and the key that lies there becomes a DID under this office.
 */
import { action, buildTransaction, type GroupClient, identity, type Signer } from '@chengxin/client'
import { type Did, type GroupId, isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { type IdentityFacts, tidyFacts } from '../bureau/identity-type.ts'
import type { KeptProof } from '../bureau/records.ts'
import type { Person } from '../desk/person.ts'
import { randomId } from '../desk/random-id.ts'
import type { ClaimBook } from '../issuer/desk/claims.ts'
import { keyOf } from '../openid/expiring-store.ts'
import { randomSecret } from '../openid/secrets.ts'
import type { Accounts } from '../sign-in/accounts.ts'
import { type Collection, changeRecord, type Vault } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'

export type Newcomer = {
  readonly facts: IdentityFacts
  readonly invitedBy: string
  readonly invitedAtMs: number
  readonly untilMs: number
  readonly state: 'invited' | 'admitted'
  /** Whose link it has become. */
  readonly accountId?: string
  readonly did?: Did
}

export interface Newcomers {
  /** The secret of the link, told once. Refusals: `facts_malformed`, `document_expired`. */
  invite(facts: IdentityFacts, by: string): Promise<string | Refusal>
  list(after?: string): Promise<readonly { readonly newcomerId: string; readonly value: Newcomer }[]>
  find(secret: string): Promise<Newcomer | undefined>
  /** Refusals: `newcomer_not_found`, `key_proof_needed`, `ledger_refused`. */
  admit(secret: string, person: Person, proof: KeptProof): Promise<Did | Refusal>
  /** Erases invitations that nobody followed. */
  sweep(): Promise<void>
}

export interface NewcomersOptions {
  readonly group: GroupClient
  readonly vault: Vault
  readonly office: string
  readonly signer: Signer
  readonly accounts: Accounts
  /** Finds what waits for somebody by the document. */
  readonly claims: Pick<ClaimBook, 'recognise'>
  readonly nowMs: () => number
}

const invitedForMs = 7 * 86_400_000

export function openNewcomers(options: NewcomersOptions): Newcomers {
  const { group, vault, office, signer, accounts, claims, nowMs } = options
  const kept: Collection<Newcomer> = vault.collection(`registrar-${office}-newcomers`)
  const bySecret = async (secret: string) => {
    const [found] = await kept.find('secret', keyOf(secret), { limit: 1 })
    return found && (found.value.state === 'admitted' || nowMs() < found.value.untilMs) ? found : undefined
  }

  async function bringIn(did: Did, { key, ...proven }: KeptProof): Promise<Refusal | undefined> {
    if ((await group.find(`/dids/${encodeURIComponent(did)}`)) !== undefined) return undefined
    const wanted = action(identity.create, { did, key: key as never, ...proven })
    const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [wanted] }, signer)
    const [outcome] = await group.submit([jws])
    if (outcome?.height !== undefined) await group.readModelReached(outcome.height)
    const isThere = outcome?.status === 'committed' || outcome?.code === 'identity_already_exists'
    return isThere ? undefined : ({ ...refuse('ledger_refused'), ledgerCode: outcome?.code ?? 'no_outcome' } as Refusal)
  }

  return {
    async invite(given, invitedBy) {
      const facts = tidyFacts(given)
      if (facts === undefined) return refuse('facts_malformed')
      if (Date.parse(`${facts.document_expires}T23:59:59Z`) < nowMs()) return refuse('document_expired')
      const secret = randomSecret()
      const invitedAtMs = nowMs()
      const value: Newcomer = { facts, invitedBy, invitedAtMs, untilMs: invitedAtMs + invitedForMs, state: 'invited' }
      await kept.insert(randomId('newcomer'), value, { secret: keyOf(secret) })
      return secret
    },
    async list(after) {
      const found = await kept.list({ newestFirst: true, limit: 50, ...(after !== undefined && { after }) })
      return found.map(({ id, value }) => ({ newcomerId: id, value }))
    },
    find: async (secret) => (await bySecret(secret))?.value,
    async admit(secret, person, proof) {
      const { accountId } = person
      const found = await bySecret(secret)
      // The link becomes the first account's that uses it; that one may go on after an interruption.
      const taken =
        found &&
        (await changeRecord(kept, found.id, (value) =>
          value.accountId === undefined || value.accountId === accountId
            ? { value: { ...value, accountId }, result: true }
            : { result: false },
        ))
      if (found === undefined || taken !== true) return refuse('newcomer_not_found')
      const did = (await accounts.find(accountId))?.did
      if (did === undefined) return refuse('key_proof_needed')
      const refused = await bringIn(did, proof)
      if (isRefusal(refused)) return refused
      await accounts.markOnLedger(accountId)
      if (found.value.state === 'invited') {
        const { family_name, given_name, birth_date, document_type, document_number } = found.value.facts
        await claims.recognise(
          { ...person, did },
          {
            familyName: family_name,
            givenName: given_name,
            birthDate: birth_date,
            documentType: document_type,
            documentNumber: document_number,
          },
        )
        await changeRecord(kept, found.id, (value) => ({
          value: { ...value, state: 'admitted' as const, did },
          result: true,
        }))
      }
      return did
    },
    async sweep() {
      for await (const { id, value } of everyRecord(kept)) {
        if (value.state === 'invited' && value.untilMs <= nowMs()) await kept.erase(id)
      }
    },
  }
}
