/**
 * The stateless half of admission: what can be judged from a transaction's bytes alone. The usual envelope takes a short
 * way through native decoders; whatever is unusual about one is left to `parseTransactionJws`, so that each refusal has
 * one place.
 */

import { hash } from 'node:crypto'
import { parseTransactionJws, type TransactionAlgorithm } from '@chengxin/crypto'
import { type Did, isRefusal, limits, parseCanonical, type Refusal, refuse, type TransactionId } from '@chengxin/kernel'
import { Fault, type Payload, payloadSchema } from '@chengxin/module-kit'
import { actionsTextOf, nonceKeyOf, type Opened } from './admitted.ts'

export interface Envelope {
  readonly jws: string
  readonly id: TransactionId
  readonly algorithm: TransactionAlgorithm
  readonly signer: Did
  readonly keyId: string
  readonly payloadText: string
  readonly payload: Payload
  /** Views of memory that the next envelope is opened in: to be looked at now and not kept. */
  readonly signature: Uint8Array
  readonly signingInput: Uint8Array
}

/** A refusal of the bytes, with a JSON pointer into the payload where that helps. */
export interface EnvelopeRefusal extends Refusal {
  readonly at?: string
}

type OpenedHeader = Pick<Envelope, 'algorithm' | 'signer' | 'keyId'>
type OpenedParts = Pick<Envelope, 'payloadText' | 'signature' | 'signingInput'> & { readonly header: OpenedHeader }

const payloadLimits = { depth: limits.payloadDepth }

/** Headers seen before: one key writes the same header each time. Cleared whole when it has grown large. */
const knownHeaders = new Map<string, OpenedHeader>()
const knownHeadersLimit = 20_000

/**
 * Opens an envelope. Refusals, in the order they are checked: those of `parseTransactionJws`, those of `parseCanonical`,
 * `payload_malformed`, `wrong_group`.
 */
export function openEnvelope(jws: string, group: string): Envelope | EnvelopeRefusal {
  const opened = openKnown(jws) ?? openAny(jws)
  if (isRefusal(opened)) return opened
  const { header, payloadText, signature, signingInput } = opened
  const value = parseCanonical(payloadText, payloadLimits)
  if (isRefusal(value)) return value
  const payload = payloadSchema.decode(value)
  if (payload instanceof Fault) return { refused: 'payload_malformed', at: payload.at }
  if (payload.group !== group) return refuse('wrong_group')
  const id = hash('sha256', signingInput, 'base64url') as TransactionId
  const { algorithm, signer, keyId } = header
  return { jws, id, algorithm, signer, keyId, payloadText, payload, signature, signingInput }
}

/** An envelope as what waits for a block keeps of it: its signature is still to be checked. */
export function openedOf({ jws, id, signer, keyId, payload, payloadText }: Envelope): Opened {
  const { notAfter, nonce } = payload
  return {
    jws,
    id,
    signer,
    keyId,
    notAfter,
    nonceKey: nonceKeyOf(signer, nonce),
    actionsText: actionsTextOf(payloadText),
  }
}

function openAny(jws: string): OpenedParts | Refusal {
  const parsed = parseTransactionJws(jws)
  if (isRefusal(parsed)) return parsed
  const { payloadText, signature, signingInput } = parsed
  const header = { algorithm: parsed.header.alg, signer: parsed.did, keyId: parsed.keyId }
  if (knownHeaders.size >= knownHeadersLimit) knownHeaders.clear()
  // A slice would keep the whole envelope in memory; a copy keeps the header alone.
  knownHeaders.set(Buffer.from(jws.slice(0, jws.indexOf('.')), 'latin1').toString('latin1'), header)
  return { header, payloadText, signature, signingInput }
}

/** Where payloads, signed bytes and signatures are decoded, one envelope at a time; what is kept of a payload is text. */
const scratch = Buffer.allocUnsafeSlow(limits.transactionBytes)
const signedScratch = Buffer.allocUnsafeSlow(2 * limits.transactionBytes)

/** The envelope if its header is known and the rest is plain; undefined says nothing but that somebody else must look. */
function openKnown(jws: string): OpenedParts | undefined {
  if (jws.length > limits.transactionBytes) return undefined
  const first = jws.indexOf('.')
  const second = jws.indexOf('.', first + 1)
  const header = knownHeaders.get(jws.slice(0, first))
  if (header === undefined || second < 0) return undefined
  // Node's decoder takes the letters of plain base64 for those of base64url, and some of it looks at half a character.
  if (jws.includes('+') || jws.includes('/') || !isAscii(jws)) return undefined

  const payloadPart = jws.slice(first + 1, second)
  const payloadLength = scratch.write(payloadPart, 0, 'base64url')
  if (!isWhole(payloadPart, payloadLength)) return undefined
  const payloadText = scratch.toString('latin1', 0, payloadLength)
  if (!isAscii(payloadText)) return undefined
  const signedLength = signedScratch.write(jws.slice(0, second), 0, 'latin1')
  const signaturePart = jws.slice(second + 1)
  const signatureLength = signedScratch.write(signaturePart, signedLength, 'base64url')
  if (!isWhole(signaturePart, signatureLength)) return undefined
  const signature = signedScratch.subarray(signedLength, signedLength + signatureLength)
  return { header, payloadText, signature, signingInput: signedScratch.subarray(0, signedLength) }
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length
}

/** Letters whose trailing bits are zero where 8 or 16 bits are left of the last group. */
const lastLetters = ['', '', 'AQgw', 'AEIMQUYcgkosw048'] as const

/**
 * Whether these bytes are all that a text says, and the text their only spelling: Node's decoder leaves out what it does
 * not know, and so comes out shorter, and does not look at the bits behind the last byte.
 */
function isWhole(text: string, bytes: number): boolean {
  const rest = text.length % 4
  if (rest === 1 || bytes !== (text.length * 3) >> 2) return false
  return rest === 0 || (lastLetters[rest] as string).includes(text[text.length - 1] as string)
}
