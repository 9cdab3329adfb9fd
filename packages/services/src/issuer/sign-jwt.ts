import type { Signer } from '@chengxin/client'
import { encodeAscii, joinJws, parseCertificate, toBase64 } from '@chengxin/crypto'
import { canonicalize, expectOk } from '@chengxin/kernel'

/** An issuer that signs, with its X.509 certificate where the group's authority gave it one. */
export interface IssuerSigner extends Signer {
  /** DER. It goes into what is signed, for readers who know the authority and no DID. */
  readonly x509?: Uint8Array
}

/** The domain that an issuer's X.509 certificate is for: certificates name the issuer by it, as readers of X.509 expect. */
export function domainOf({ x509 }: IssuerSigner): string | undefined {
  const certificate = x509 && expectOk(parseCertificate(x509))
  return certificate?.dnsNames[0]
}

/** The header of what an issuer signs: the key by its DID, and by its certificate without the authority above it. */
export function issuerHeader({ alg, kid, x509 }: IssuerSigner, typ: string) {
  return { alg, kid, typ, ...(x509 && { x5c: [toBase64(x509)] }) }
}

/** A compact JWS over a payload. A passkey cannot sign one: what it signs is never the bytes themselves. */
export async function signJwt(header: object, payload: Uint8Array, signer: Signer): Promise<string> {
  return jwtSigner(header, signer)(payload)
}

/** The same for many payloads under one header, which is spelled once. */
export function jwtSigner(header: object, signer: Signer): (payload: Uint8Array) => Promise<string> {
  if (signer.alg === 'WebAuthn-ES256') throw new Error('A passkey cannot sign certificates or lists.')
  const before = Buffer.from(canonicalize(header)).toString('base64url')
  return async (payload) => {
    const input = `${before}.${Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('base64url')}`
    return joinJws(input, await signer.sign(encodeAscii(input)))
  }
}
