/**
 * The stateless half of admission: what can be judged from a transaction's bytes alone. The usual envelope takes a short
 * way through native decoders; whatever is unusual about one is left to `parseTransactionJws`, so that each refusal has
 * one place.
 */

import { hash } from 'node:crypto'
import { parseTransactionJws, type TransactionAlgorithm } from '@chengxin/crypto'
import { type Did, isRefusal, limits, parseCanonical, type Refusal, refuse, type TransactionId } from '@chengxin/kernel'
import { Fault, type Payload, payloadSchema } from '@chengxin/module-kit'
import { nonceKeyOf, type Opened } from './admitted.ts'

export interface Envelope {
  readonly jws: string
  readonly id: TransactionId
  readonly algorithm: TransactionAlgorithm
  readonly signer: Did
  readonly keyId: string
  readonly payloadText: string
  readonly payload: Payload
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
  return { jws, id, signer, keyId, notAfter, nonceKey: nonceKeyOf(signer, nonce), payloadText }
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

/** Where payloads are decoded; one at a time, and what is kept of them is text. */
const scratch = Buffer.allocUnsafeSlow(limits.transactionBytes)
const notAscii = /[\x80-\xff]/

/** The envelope if its header is known and the rest is plain; undefined says nothing but that somebody else must look. */
function openKnown(jws: string): OpenedParts | undefined {
  if (jws.length > limits.transactionBytes) return undefined
  const first = jws.indexOf('.')
  const second = jws.indexOf('.', first + 1)
  const header = knownHeaders.get(jws.slice(0, first))
  if (header === undefined || second < 0) return undefined

  // Node's decoder forgives much; a text that comes out again as it went in has needed no forgiveness.
  const payloadPart = jws.slice(first + 1, second)
  const payloadLength = scratch.write(payloadPart, 0, 'base64url')
  if (scratch.toString('base64url', 0, payloadLength) !== payloadPart) return undefined
  const payloadText = scratch.toString('latin1', 0, payloadLength)
  if (notAscii.test(payloadText)) return undefined
  const signaturePart = jws.slice(second + 1)
  const signature = Buffer.from(signaturePart, 'base64url')
  if (signature.toString('base64url') !== signaturePart) return undefined
  return { header, payloadText, signature, signingInput: Buffer.from(jws.slice(0, second), 'latin1') }
}
