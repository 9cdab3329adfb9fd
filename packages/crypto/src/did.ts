/**
 * The identifiers `did:weid:<chain id>:0x<40 hex>`, after WeIdentity's method, whose address also derives from a public
 * key. Here the address is the first 20 bytes of SHA-256 over the RFC 7638 thumbprint input of the DID's first key: any
 * key type has one, and who creates a DID proves possession of the key it comes from. Keys may change later; the name
 * does not. Documents follow DID 1.1 (W3C), with JsonWebKey verification methods.
 */
import { type Did, isDid, toHex, toUtf8 } from '@chengxin/kernel'
import type { Sha256 } from './hash.ts'
import { type PublicJwk, thumbprintInput } from './jwk.ts'

const chainIdText = /^[a-z0-9]{1,32}$/
const keyIdText = /^[A-Za-z0-9_-]{1,64}$/

/** The DID whose first key this is. Throws if the chain id is not 1 to 32 characters of a–z and 0–9. */
export function deriveDid(sha256: Sha256, chainId: string, firstKey: PublicJwk): Did {
  if (!chainIdText.test(chainId)) throw new Error(`A chain id is 1 to 32 of a-z and 0-9, not "${chainId}".`)
  const address = sha256(toUtf8(thumbprintInput(firstKey))).subarray(0, 20)
  return `did:weid:${chainId}:0x${toHex(address)}` as Did
}

/** The chain id that a DID names: the deployment it belongs to. */
export function chainIdOf(did: Did): string {
  return did.slice('did:weid:'.length, did.lastIndexOf(':'))
}

/** Whether a text can name a key within a DID: 1 to 64 characters of base64url. */
export function isKeyId(text: string): boolean {
  return keyIdText.test(text)
}

/** The parts of `<did>#<key id>`, or `undefined`. */
export function parseDidUrl(text: string): { readonly did: Did; readonly keyId: string } | undefined {
  const hash = text.indexOf('#')
  if (hash < 0) return undefined
  const [did, keyId] = [text.slice(0, hash), text.slice(hash + 1)]
  return isDid(did) && isKeyId(keyId) ? { did, keyId } : undefined
}

export type VerificationRelationship = 'authentication' | 'assertionMethod'

export interface DidKey {
  readonly keyId: string
  readonly jwk: PublicJwk
  /** What the key is for; both if absent. */
  readonly relationships?: readonly VerificationRelationship[]
}

export interface DidState {
  readonly did: Did
  /** The keys that are active now; none once the DID is deactivated. */
  readonly keys: readonly DidKey[]
  /** Other DIDs that may change this one. */
  readonly controllers?: readonly Did[]
}

export interface VerificationMethod {
  readonly id: string
  readonly type: 'JsonWebKey'
  readonly controller: Did
  readonly publicKeyJwk: PublicJwk
}

export interface DidDocument {
  readonly '@context': readonly string[]
  readonly id: Did
  readonly controller?: readonly Did[]
  readonly verificationMethod?: readonly VerificationMethod[]
  readonly authentication?: readonly string[]
  readonly assertionMethod?: readonly string[]
}

/** The DID document (DID 1.1 section 5). Members that would be empty are absent. */
export function didDocument({ did, keys, controllers = [] }: DidState): DidDocument {
  const verificationMethod = keys.map(
    ({ keyId, jwk }): VerificationMethod => ({
      id: `${did}#${keyId}`,
      type: 'JsonWebKey',
      controller: did,
      publicKeyJwk: jwk,
    }),
  )
  const authentication = namesOf(did, keys, 'authentication')
  const assertionMethod = namesOf(did, keys, 'assertionMethod')
  return {
    '@context': ['https://www.w3.org/ns/did/v1.1', 'https://w3id.org/security/jwk/v1'],
    id: did,
    ...(controllers.length > 0 && { controller: controllers }),
    ...(verificationMethod.length > 0 && { verificationMethod }),
    ...(authentication.length > 0 && { authentication }),
    ...(assertionMethod.length > 0 && { assertionMethod }),
  }
}

function namesOf(did: Did, keys: readonly DidKey[], relationship: VerificationRelationship): string[] {
  return keys
    .filter(({ relationships }) => relationships === undefined || relationships.includes(relationship))
    .map(({ keyId }) => `${did}#${keyId}`)
}
