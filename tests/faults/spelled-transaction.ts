/** Transactions spelled by hand, byte for byte, as no client of ours would: what a node must refuse. */
import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto'
import type { PrivateJwk } from '@chengxin/crypto'
import { normaliseLowS } from '@chengxin/crypto'

export interface Spelling {
  /** The text of the protected header. */
  readonly header: string
  /** The text of the payload, or its bytes where it is no text. */
  readonly payload: string | Uint8Array
}

export type SignInput = (signingInput: string) => Uint8Array

export function spell({ header, payload }: Spelling, signInput: SignInput): string {
  const signingInput = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`
  return `${signingInput}.${Buffer.from(signInput(signingInput)).toString('base64url')}`
}

/** Signs with a private key as its holder would. */
export function signerOfKey(key: PrivateJwk): SignInput {
  const privateKey = createPrivateKey({ key: { ...key } as JsonWebKey, format: 'jwk' })
  if (key.crv === 'Ed25519') return (input) => sign(null, Buffer.from(input), privateKey)
  return (input) => normaliseLowS(sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }))
}

/** The same signature with the other s: as true as the first to most verifiers. */
export function signHighS(key: PrivateJwk): SignInput {
  const signLow = signerOfKey(key)
  return (input) => {
    const signature = signLow(input)
    const s = p256Order - BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`)
    return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  }
}

/** As OpenSSL and Java spell an ECDSA signature: a DER sequence of two integers. */
export function signDer(key: PrivateJwk): SignInput {
  const privateKey = createPrivateKey({ key: { ...key } as JsonWebKey, format: 'jwk' })
  return (input) => sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'der' })
}

const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
