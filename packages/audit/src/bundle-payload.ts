/** What a trust bundle says, and the shape it must have. */
import type { PublicJwk } from '@chengxin/crypto'
import type { Did, GroupId, Hash, Json, JsonObject } from '@chengxin/kernel'
import { hasShape, type Shape } from './shape.ts'

export interface CommitteeKey {
  /** `<did>#<key id>` */
  readonly kid: string
  readonly jwk: PublicJwk
}

export interface Committee {
  readonly keys: readonly CommitteeKey[]
  /** How many different DIDs among the keys must sign. */
  readonly threshold: number
}

/** Times are block times. A period without an end runs on. */
export interface IssuerKey extends CommitteeKey {
  readonly fromMs: number
  readonly untilMs?: number
}

/** One period in which an issuer had the right to a type; an issuer can have several for one type. */
export interface Entitlement {
  readonly typeId: string
  readonly vct: string
  readonly fromMs: number
  readonly untilMs?: number
  /** Nothing anchored from here on counts. */
  readonly frozenSinceMs?: number
  /** Where the freeze was for a compromise: nothing anchored from here on counts, although it was before the freeze. */
  readonly compromisedSinceMs?: number
  /** Where the issuer was dissolved: who keeps the type since `untilMs`. */
  readonly successor?: Did
}

export interface TrustedIssuer {
  readonly did: Did
  readonly name: string
  readonly domain?: string
  readonly keys: readonly IssuerKey[]
  readonly types: readonly Entitlement[]
  /** X.509 certificates (DER, base64) that its certificates may carry, so that a short form can name them by hash. */
  readonly certificates?: readonly string[]
}

export interface TrustedType {
  readonly typeId: string
  readonly vct: string
  readonly schemaHash: Hash
  readonly displayHash: Hash
  /** Language → `{ name, claims: { <field>: <label> } }`; its canonical form hashes to `displayHash`. */
  readonly display: JsonObject
}

export interface TrustedStatusList {
  readonly uri: string
  readonly listId: string
  readonly version: number
  readonly anchoredAtMs: number
  /** The issuer's token, verbatim. */
  readonly token: string
}

export interface BundlePayload {
  readonly v: 1
  readonly group: GroupId
  readonly genesis: JsonObject
  /** Grows with each bundle of the group. */
  readonly sequence: number
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  /** vkeys (C2SP signed-note) of the members' log keys and cosigner keys. */
  readonly logKeys: readonly string[]
  readonly cosigners: readonly string[]
  /** How many cosigners make a checkpoint good. */
  readonly quorum: number
  readonly committee: Committee
  readonly issuers: readonly TrustedIssuer[]
  readonly types: readonly TrustedType[]
  readonly statusLists: readonly TrustedStatusList[]
  /** The newest checkpoint when the bundle was made. */
  readonly checkpoint: string
}

const payloadShape: Shape = {
  v: 'count',
  group: 'hash',
  genesis: 'object',
  sequence: 'count',
  issuedAtMs: 'count',
  expiresAtMs: 'count',
  logKeys: ['text'],
  cosigners: ['text'],
  quorum: 'count',
  committee: { keys: [{ kid: 'text', jwk: 'object' }], threshold: 'count' },
  issuers: [
    {
      did: 'did',
      name: 'text',
      'domain?': 'text',
      keys: [{ kid: 'text', jwk: 'object', fromMs: 'count', 'untilMs?': 'count' }],
      'certificates?': ['text'],
      types: [
        {
          typeId: 'text',
          vct: 'text',
          fromMs: 'count',
          'untilMs?': 'count',
          'frozenSinceMs?': 'count',
          'compromisedSinceMs?': 'count',
          'successor?': 'did',
        },
      ],
    },
  ],
  types: [{ typeId: 'text', vct: 'text', schemaHash: 'hash', displayHash: 'hash', display: 'object' }],
  statusLists: [{ uri: 'text', listId: 'text', version: 'count', anchoredAtMs: 'count', token: 'text' }],
  checkpoint: 'text',
}

export function asBundlePayload(value: Json): BundlePayload | undefined {
  if (!hasShape(value, payloadShape)) return undefined
  const payload = value as unknown as BundlePayload
  // A bundle that asks for nobody's cosignature would make every receipt good.
  return payload.v === 1 && payload.quorum >= 1 ? payload : undefined
}
