/** What the agent keeps in the vault. Records are found by the account of the resident that they belong to. */
import type { PrivateJwk } from '@chengxin/crypto'
import type { HeldCopy, OwnIndexEntry, SealedVault, Standing } from '@chengxin/holder'
import type { Did, Json, JsonObject } from '@chengxin/kernel'
import type { Evidence } from '../desk/assertion.ts'
import type { Collection, Vault } from '../vault/face.ts'

/** A copy with the key that it is bound to. */
export interface Copy extends HeldCopy {
  readonly key: PrivateJwk
}

export interface Holding {
  readonly account: string
  readonly did: Did
  readonly vct: string
  readonly configurationId: string
  /** Where it came from (OpenID4VCI identifier). */
  readonly issuerUrl: string
  readonly copies: readonly Copy[]
  readonly receivedAtMs: number
  readonly standing?: Standing
  readonly evidence: Evidence
}

/** An issuer that needs time: what it takes to ask again. */
export interface Order {
  readonly account: string
  readonly did: Did
  readonly access: Json
  readonly accessKey?: PrivateJwk
  readonly transactionId: string
  readonly keys: readonly PrivateJwk[]
  readonly vct: string
  readonly configurationId: string
  readonly evidence: Evidence
  readonly askAgainAtMs: number
}

/** Something that waits for the resident's key. Gone once it is done, and past its time it is as if it were gone. */
export interface Act {
  readonly account: string
  readonly did: Did
  readonly purpose: 'claim' | 'answer' | 'present' | 'print'
  readonly untilMs: number
  readonly statement?: string
  readonly data: Json
}

export interface ConsentItem {
  readonly certificateId: string
  readonly vct: string
  readonly sdHash: string
  /** Names of the fields that were shown. */
  readonly fields: readonly string[]
}

export interface Consent {
  readonly account: string
  readonly verifier: {
    readonly names: JsonObject
    readonly domain: string
    readonly did: string
    readonly audience: string
  }
  /** In four languages, as registered. */
  readonly purpose: JsonObject
  readonly purposeId: string
  readonly nonce: string
  readonly items: readonly ConsentItem[]
  readonly givenAtMs: number
  readonly untilMs: number
  readonly state: 'given' | 'not_accepted' | 'withdrawn'
  readonly refusedWith?: string
  readonly withdrawnAtMs?: number
  /** Where the request said that a withdrawal goes. */
  readonly withdrawalUri?: string
  /** Of a withdrawal: whether the verifier has heard of it. */
  readonly isVerifierTold?: boolean
  readonly evidence: Evidence
}

/** One line of what was done with the resident's certificates, by whom and on whose word. */
export interface Use {
  readonly account: string
  readonly atMs: number
  readonly kind:
    | 'received'
    | 'presented'
    | 'declined'
    | 'printed'
    | 'print_cancelled'
    | 'withdrawn'
    | 'exported'
    | 'removed'
    | 'refused'
  readonly certificateId?: string
  readonly vct?: string
  readonly party?: string
  readonly fields?: readonly string[]
  readonly code?: string
}

export interface Notice {
  readonly account: string
  readonly atMs: number
  readonly certificateId: string
  readonly vct: string
  readonly issuer: string
  /** Code of the check, or `valid` where it is good again. */
  readonly word: string
  /** The issuer's reason and where to object, as codes. */
  readonly reason?: string
  readonly appeal?: string
  readonly readAtMs?: number
}

export interface Print {
  readonly account: string
  readonly certificateId: string
  readonly vct: string
  readonly fields: readonly string[]
  readonly recipient?: string
  readonly untilMs: number
  readonly printedAtMs: number
  readonly text: string
  readonly evidence: Evidence
  readonly cancelledAtMs?: number
  readonly standing?: Standing
}

/** A resident's own vault as the node keeps it: nobody here can open it. */
export interface OwnVault extends Pick<SealedVault, 'version' | 'sealed' | 'keys'> {
  readonly account: string
  readonly index: readonly OwnIndexEntry[]
  /** When the first version was kept, or the first one after a loss. */
  readonly begunAtMs: number
  readonly changedAtMs: number
  /** Set once a recovery has shown that the passkeys that open it are gone. */
  readonly lostAtMs?: number
}

/** Keys that were lost, until every issuer has heard of it. */
export interface LossRecord {
  readonly account: string
  /** Thumbprints. */
  readonly lost: readonly string[]
  readonly lostAtMs: number
  /** Whether everything of the account's is concerned, or its own vault alone. */
  readonly isRecovery?: boolean
}

type Kept<T> = Collection<T & JsonObject>

export interface AgentVault {
  readonly holdings: Kept<Holding>
  readonly orders: Kept<Order>
  readonly acts: Kept<Act>
  readonly consents: Kept<Consent>
  readonly uses: Kept<Use>
  readonly notices: Kept<Notice>
  readonly prints: Kept<Print>
  readonly ownVaults: Kept<OwnVault>
  readonly losses: Kept<LossRecord>
  /** How far the ledger's completed recoveries were followed. */
  readonly recoveriesSeen: Kept<{ readonly seq: string }>
}

export function agentVault(vault: Vault): AgentVault {
  return {
    holdings: vault.collection('agent-holdings'),
    orders: vault.collection('agent-orders'),
    acts: vault.collection('agent-acts'),
    consents: vault.collection('agent-consents'),
    uses: vault.collection('agent-uses'),
    notices: vault.collection('agent-notices'),
    prints: vault.collection('agent-prints'),
    ownVaults: vault.collection('agent-own-vaults'),
    losses: vault.collection('agent-losses'),
    recoveriesSeen: vault.collection('agent-recoveries-seen'),
  }
}

/** Interfaces have no index signature, so that the compiler does not see that all of these are JSON. */
export function asJson<T>(value: T): T & JsonObject {
  return value as T & JsonObject
}
