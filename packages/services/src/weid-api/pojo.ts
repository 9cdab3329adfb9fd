/**
 * WeIdentity's CredentialPojo: claims in the clear, a salt for each leaf, and one signature over the hashes, so that a leaf
 * can be replaced by its hash. Ours hashes with SHA-256, signs with the ledger's keys and salts with 128 bits. Those that
 * WeIdentity's own library made (Keccak-256 and secp256k1, salts of five letters) are read for import.
 */
import { randomBytes } from 'node:crypto'
import { addressOfSignature, keccak256 } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { compareText, isDid, type Json, type JsonObject, type Refusal, refuse, toHex, toUtf8 } from '@chengxin/kernel'

export const pojoContext = 'https://github.com/WeBankFinTech/WeIdentity/blob/master/context/v1'

export interface CredentialPojo {
  readonly context: string
  readonly id: string
  readonly cptId: number
  readonly issuer: string
  /** Seconds. */
  readonly issuanceDate: number
  readonly expirationDate: number
  readonly claim: JsonObject
  readonly proof: {
    readonly type: string
    readonly created: number
    /** `<issuer>#<key>` */
    readonly creator: string
    /** Shaped as the claim; "0" where a leaf of the claim is its hash. */
    readonly salt: JsonObject
    /** base64 */
    readonly signatureValue: string
  }
  readonly type: readonly string[]
}

/** The proof type of WeIdentity's own library. */
export const legacyProofType = 'Secp256k1'
const withheld = '0'
/** base64url characters of 128 bits. */
const saltCharacters = 22

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A credential from outside, nothing verified; or `credential_malformed`. */
export function parsePojo(value: Json | undefined): CredentialPojo | Refusal {
  const malformed = refuse('credential_malformed')
  if (!isObject(value)) return malformed
  const { context, id, cptId, issuer, issuanceDate, expirationDate, claim, proof, type } = value
  const areTexts = [context, id, issuer].every((text) => typeof text === 'string')
  const areNumbers = [cptId, issuanceDate, expirationDate].every((number) => Number.isSafeInteger(number))
  if (!areTexts || !areNumbers || !isObject(claim) || !isObject(proof)) return malformed
  if (!Array.isArray(type) || !type.every((each) => typeof each === 'string')) return malformed
  const { creator, salt, signatureValue, created } = proof
  const isSigned = [proof['type'], creator, signatureValue].every((text) => typeof text === 'string')
  if (!isSigned || !Number.isSafeInteger(created) || !isObject(salt) || !hasShapeOf(claim, salt)) return malformed
  return value as unknown as CredentialPojo
}

/** Whether every leaf of the claim has its salt, and nothing else has one. */
function hasShapeOf(claim: Json, salt: Json | undefined): boolean {
  if (isObject(claim)) {
    const names = Object.keys(claim)
    if (!isObject(salt) || Object.keys(salt).length !== names.length) return false
    return names.every((name) => Object.hasOwn(salt, name) && hasShapeOf(claim[name] as Json, salt[name]))
  }
  if (Array.isArray(claim)) {
    if (!Array.isArray(salt)) return typeof salt === 'string'
    return salt.length === claim.length && claim.every((each: Json, index) => hasShapeOf(each, salt[index] as Json))
  }
  return typeof salt === 'string'
}

/** Salts for a claim, 128 bits for each leaf. */
export function saltsFor(claim: Json): Json {
  if (isObject(claim)) {
    return Object.fromEntries(Object.entries(claim).map(([name, value]) => [name, saltsFor(value)]))
  }
  if (Array.isArray(claim)) return claim.map((each: Json) => saltsFor(each))
  return randomBytes(16).toString('base64url')
}

/** Whether a salt is short enough to try them all, so that what is withheld can be guessed from its hash. */
export function hasWeakSalt(salt: Json): boolean {
  if (isObject(salt)) return Object.values(salt).some(hasWeakSalt)
  if (Array.isArray(salt)) return salt.some((each: Json) => hasWeakSalt(each))
  return salt !== withheld && (typeof salt !== 'string' || salt.length < saltCharacters)
}

/** The text of a hash in hexadecimal with `0x`, as WeIdentity writes it. */
type HashText = (text: string) => string
export const hashText: HashText = (text) => `0x${toHex(sha256(toUtf8(text)))}`
const legacyHashText: HashText = (text) => `0x${toHex(keccak256(toUtf8(text)))}`

/** What is signed: the credential with its proof left out and each leaf of the claim as its hash, names sorted. */
export function signedText(
  pojo: Omit<CredentialPojo, 'proof'> & { readonly salt: JsonObject },
  hash = hashText,
): string {
  const { salt, ...rest } = pojo
  const claim = JSON.stringify(sorted(hashedClaim(pojo.claim, salt, hash)))
  return JSON.stringify(sorted({ ...(rest as unknown as JsonObject), claim, proof: null }))
}

function hashedClaim(claim: Json, salt: Json | undefined, hash: HashText): Json {
  if (isObject(claim)) {
    const salts = isObject(salt) ? salt : {}
    const entries = Object.entries(claim).map(([name, value]) => [name, hashedClaim(value, salts[name], hash)] as const)
    return Object.fromEntries(entries)
  }
  // Plain values in a list are signed as they stand: only what has a name can be withheld.
  if (Array.isArray(claim)) {
    const salts = (Array.isArray(salt) ? salt : []) as readonly Json[]
    return claim.map((each: Json, index) => (typeof each === 'object' ? hashedClaim(each, salts[index], hash) : each))
  }
  if (salt === withheld || typeof salt !== 'string') return claim
  return hash(`${typeof claim === 'string' ? claim : JSON.stringify(claim)}${salt}`)
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => sorted(each))
  if (!isObject(value)) return value
  const names = Object.keys(value).sort(compareText)
  return Object.fromEntries(names.map((name) => [name, sorted(value[name] as Json)]))
}

/** The hash that evidence is about: it is the same whatever of the claim is withheld. */
export function hashOfPojo(pojo: CredentialPojo): string {
  const { proof, ...rest } = pojo
  const hash = proof.type === legacyProofType ? legacyHashText : hashText
  return hash(`${signedText({ ...rest, salt: proof.salt }, hash)}.${proof.signatureValue}`)
}

/** Whether a credential that WeIdentity's own library made is signed by the key that its issuer's WeID comes from. */
export function isSignedByLegacyIssuer({ proof, ...rest }: CredentialPojo): boolean {
  const { issuer } = rest
  const address = /:0x([0-9a-f]{40})$/i.exec(issuer)?.[1]?.toLowerCase()
  const isCreator = proof.creator === issuer || proof.creator.startsWith(`${issuer}#`)
  if (proof.type !== legacyProofType || address === undefined || !isCreator) return false
  const text = signedText({ ...rest, salt: proof.salt }, legacyHashText)
  // Its library hashes once for the text and once more to sign.
  const digest = keccak256(keccak256(toUtf8(text)))
  return addressOfSignature(digest, new Uint8Array(Buffer.from(proof.signatureValue, 'base64'))) === address
}

/** A credential with some of its leaves replaced by their hashes: what a holder shows. Paths are names of the claim. */
export function withholding(pojo: CredentialPojo, shown: readonly string[]): CredentialPojo {
  const { claim, proof } = pojo
  const hash = proof.type === legacyProofType ? legacyHashText : hashText
  const hidden = Object.keys(claim).filter((name) => !shown.includes(name) && !isObject(claim[name]))
  const hashed = hashedClaim(claim, proof.salt, hash) as JsonObject
  return {
    ...pojo,
    claim: { ...claim, ...Object.fromEntries(hidden.map((name) => [name, hashed[name] as Json])) },
    proof: { ...proof, salt: { ...proof.salt, ...Object.fromEntries(hidden.map((name) => [name, withheld])) } },
  }
}

/** A WeID, with or without the number of its chain, as WeIdentity has written it. */
export function isWeid(value: Json | undefined): value is string {
  return typeof value === 'string' && (isDid(value) || /^did:weid:([a-z0-9]{1,32}:)?0x[0-9a-fA-F]{40}$/.test(value))
}
