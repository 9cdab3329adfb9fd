/**
 * A base proof by `ecdsa-sd-2023` (W3C Data Integrity ECDSA Cryptosuites 1.0, section 3.6): every statement is signed alone by
 * a key made for this credential, and the issuer signs that key with what must always be shown. Names of blank nodes go
 * through a HMAC whose key only the holder gets, so that they do not tell what is left out.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { encodeCbor, publicPart } from '@chengxin/crypto'
import { createSigner, generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import {
  concatBytes,
  fromBase64url,
  isRefusal,
  type JsonObject,
  type Refusal,
  refuse,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'
import { canonicalLabels, compareCodePoints, lineOf } from './canonical-labels.ts'
import { refuseCredential } from './check-credential.ts'
import { type Quad, quadsOf } from './quads.ts'

export interface VcdmSigner {
  /** The address of the key, such as `<did>#<key id>`. */
  readonly verificationMethod: string
  /** ES256 over these bytes: 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>
}

export interface SignOptions {
  readonly nowMs: number
  /** JSON Pointers to what every presentation shows. */
  readonly mandatory: readonly string[]
}

const cryptosuite = 'ecdsa-sd-2023'
/** Tag 0x5d00, written as the suite writes it, before an array in CBOR. */
const baseProofPrefix = Uint8Array.of(0xd9, 0x5d, 0x00)
/** Multicodec of a compressed P-256 key. */
const p256Prefix = Uint8Array.of(0x80, 0x24)

/**
 * The credential with its base proof: what a holder keeps, and derives presentations from. Codes: those of
 * `refuseCredential` and `quadsOf`, `claims_too_alike`.
 */
export async function signCredential(
  credential: JsonObject,
  signer: VcdmSigner,
  { nowMs, mandatory }: SignOptions,
): Promise<JsonObject | Refusal> {
  const refused = refuseCredential(credential)
  if (refused) return refused
  const quads = quadsOf(credential)
  if (isRefusal(quads)) return quads
  const hmacKey = new Uint8Array(randomBytes(32))
  const statements = namedStatements(quads, hmacKey, mandatory)
  if (!statements) return refuse('claims_too_alike')

  const created = `${new Date(nowMs).toISOString().slice(0, 19)}Z`
  const proof = {
    type: 'DataIntegrityProof',
    cryptosuite,
    created,
    verificationMethod: signer.verificationMethod,
    proofPurpose: 'assertionMethod',
  }
  const local = generatePrivateJwk('ES256')
  const { sign: signStatement } = createSigner(local)
  const publicKey = concatBytes(p256Prefix, compressedPoint(publicPart(local)))
  const mandatoryHash = sha256(toUtf8(statements.mandatory.join('')))
  const baseSignature = await signer.sign(concatBytes(hashOfProof(proof), publicKey, mandatoryHash))
  const signatures = statements.optional.map((line) => signStatement(toUtf8(line)))
  const value = encodeCbor([baseSignature, publicKey, hmacKey, signatures, mandatory])
  return { ...credential, proof: { ...proof, proofValue: `u${toBase64url(concatBytes(baseProofPrefix, value))}` } }
}

interface Statements {
  readonly mandatory: readonly string[]
  readonly optional: readonly string[]
}

/** The statements under the names that the holder's HMAC key gives to blank nodes, sorted, each once. */
function namedStatements(
  quads: readonly Quad[],
  key: Uint8Array,
  mandatory: readonly string[],
): Statements | undefined {
  const labels = canonicalLabels(quads)
  if (!labels) return undefined
  const named = (term: string) => {
    const label = labels.get(term)
    if (label === undefined) return term
    return `_:u${createHmac('sha256', key).update(label.slice(2)).digest('base64url')}`
  }
  const isMandatory = new Map<string, boolean>()
  for (const quad of quads) {
    const line = lineOf({ ...quad, subject: named(quad.subject), object: named(quad.object) })
    isMandatory.set(line, (isMandatory.get(line) ?? false) || isSelected(quad, mandatory))
  }
  const lines = [...isMandatory.keys()].sort(compareCodePoints)
  return {
    mandatory: lines.filter((line) => isMandatory.get(line)),
    optional: lines.filter((line) => !isMandatory.get(line)),
  }
}

/**
 * Whether a pointer takes a statement along: what it points to with all below it, and of everything above it that it is
 * there and of what type it is.
 */
function isSelected({ pointer, predicate, object }: Quad, pointers: readonly string[]): boolean {
  const isAbout = predicate.endsWith('#type>') || object.startsWith('_:') || object.startsWith('<')
  return pointers.some((wanted) => {
    if (pointer === wanted || pointer.startsWith(`${wanted}/`)) return true
    const isAbove = pointer === '' || wanted.startsWith(`${pointer}/`)
    return isAbove && isAbout
  })
}

function compressedPoint(jwk: { readonly x: string; readonly y?: string }): Uint8Array {
  const y = fromBase64url(jwk.y ?? '') as Uint8Array
  return concatBytes(Uint8Array.of(2 + ((y.at(-1) as number) & 1)), fromBase64url(jwk.x) as Uint8Array)
}

/** The proof's own statements in canonical form; of one node, so that its name is settled and only their order is. */
function hashOfProof(proof: { readonly created: string; readonly verificationMethod: string }): Uint8Array {
  const security = 'https://w3id.org/security#'
  const lines = [
    `<http://purl.org/dc/terms/created> "${proof.created}"^^<http://www.w3.org/2001/XMLSchema#dateTime>`,
    `<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <${security}DataIntegrityProof>`,
    `<${security}cryptosuite> "${cryptosuite}"^^<${security}cryptosuiteString>`,
    `<${security}proofPurpose> <${security}assertionMethod>`,
    `<${security}verificationMethod> <${proof.verificationMethod}>`,
  ]
  return sha256(toUtf8(lines.map((line) => `_:c14n0 ${line} .\n`).join('')))
}
