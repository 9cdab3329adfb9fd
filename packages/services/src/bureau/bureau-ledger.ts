/** What the bureau does on the ledger, each once, whatever is interrupted. */
import { type Action, action, type GroupClient, identity, type Outcome, type Signer } from '@chengxin/client'
import { commit } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, type Did, fromBase64url, type Hash, type Refusal, refuse, toUtf8 } from '@chengxin/kernel'
import { type Sent, sendOnce } from '../once.ts'
import type { IdentityFacts } from './identity-type.ts'
import type { KeptProof, NewKey } from './records.ts'

export interface BureauLedgerOptions {
  readonly group: GroupClient
  /** Brings identities in. */
  readonly registrar: Signer
  /** Confirms them, and is a guardian of who names it. */
  readonly bureau: Signer
  readonly nowMs: () => number
}

/** What was written down, and how more is. */
export interface Attempt {
  readonly sent: readonly Sent[]
  readonly remember: (sent: readonly Sent[]) => Promise<void>
}

export interface BureauLedger {
  readonly did: Did
  stands(did: Did): Promise<boolean>
  /** Undefined once the DID is there, also where it was before. */
  bringIn(did: Did, proof: KeptProof): Promise<Refusal | undefined>
  confirm(did: Did, commitment: Hash, attempt: Attempt): Promise<Refusal | undefined>
  /** As a guardian: asks for the new key, which begins the waiting time. */
  requestRecovery(did: Did, key: NewKey, attempt: Attempt): Promise<Refusal | undefined>
  completeRecovery(did: Did): Promise<Refusal | undefined>
  recovery(did: Did): Promise<KnownRecovery | undefined>
  /** Whether the counter helps this DID: a bureau has confirmed it, and its holder has not taken the counter out. */
  isCounterOpen(did: Did): Promise<boolean>
  /** Whether the committee lets this DID sign at the counter. */
  isCounterOfficer(did: Did): Promise<boolean>
  /** Hands a transaction in that an officer has signed; undefined once the ledger has taken it. */
  handIn(jws: string): Promise<Refusal | undefined>
  /** Whether this key signs for the DID now. */
  hasKey(did: Did, keyId: string): Promise<boolean>
}

export interface KnownRecovery {
  readonly guardians: readonly string[]
  readonly requestedBy?: string
  readonly newKeyId?: string
  readonly completableAtMs?: number
  readonly lapsesAtMs?: number
}

interface DidAnswer {
  readonly keys: readonly { readonly keyId: string; readonly retiredAtMs?: number }[]
  readonly recovery?: KnownRecovery
  readonly counter?: { readonly standing: 'open' | 'closed' }
}

export function commitmentOf(did: Did, facts: IdentityFacts, salt: string): Hash {
  const opening = { salt: fromBase64url(salt) as Uint8Array, value: toUtf8(canonicalize({ did, facts })) }
  return commit(sha256, opening)
}

export function createBureauLedger({ group, registrar, bureau, nowMs }: BureauLedgerOptions): BureauLedger {
  const find = async (did: Did) => (await group.find(`/dids/${encodeURIComponent(did)}`)) as DidAnswer | undefined

  async function send(signer: Signer, wanted: Action, attempt: Attempt, done: readonly string[] = []) {
    const outcome = await sendOnce({ group, signer, actions: [wanted], nowMs, ...attempt })
    return refusedAs(outcome, done)
  }
  /** For what may be sent again without harm: the ledger knows by itself that it was done. */
  const once = (signer: Signer, wanted: Action, done: readonly string[]) =>
    send(signer, wanted, { sent: [], remember: async () => {} }, done)

  return {
    did: bureau.did,
    stands: async (did) => (await find(did)) !== undefined,
    async bringIn(did, proof) {
      if ((await find(did)) !== undefined) return undefined
      const { key, ...proven } = proof
      const args = { did, key: key as never, ...proven }
      return once(registrar, action(identity.create, args), ['identity_already_exists'])
    },
    confirm: (did, commitment, attempt) => send(bureau, action(identity.confirm, { did, commitment }), attempt),
    requestRecovery: (did, { keyId, jwk, proof, webauthn }, attempt) =>
      send(bureau, action(identity.requestRecovery, { did, keyId, key: jwk, proof, webauthn }), attempt),
    completeRecovery: (did) => once(bureau, action(identity.completeRecovery, { did }), []),
    recovery: async (did) => (await find(did))?.recovery,
    isCounterOpen: async (did) => (await find(did))?.counter?.standing === 'open',
    async isCounterOfficer(did) {
      type Held = { readonly roles: readonly { readonly did: string; readonly status: string }[] }
      const { roles } = (await group.get('/roles?role=counter_officer&limit=100')) as Held
      return roles.some((held) => held.did === did && held.status === 'held')
    },
    async handIn(jws) {
      const [outcome] = await group.submit([jws])
      return outcome === undefined ? refuse('ledger_refused') : refusedAs(outcome, [])
    },
    async hasKey(did, keyId) {
      const keys = (await find(did))?.keys ?? []
      return keys.some((key) => key.keyId === keyId && key.retiredAtMs === undefined)
    },
  }

  async function refusedAs(outcome: Outcome, done: readonly string[]): Promise<Refusal | undefined> {
    if (outcome.status === 'committed') {
      // What is asked next should see it.
      if (outcome.height !== undefined) await group.readModelReached(outcome.height)
      return undefined
    }
    if (outcome.code !== undefined && done.includes(outcome.code)) return undefined
    return { ...refuse('ledger_refused'), ledgerCode: outcome.code ?? outcome.status } as Refusal
  }
}
