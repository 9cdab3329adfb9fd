import type { Signer } from '@chengxin/client'
import { joinJws, jwsSigningInput } from '@chengxin/crypto'
import { canonicalize, toUtf8 } from '@chengxin/kernel'

/** A compact JWS over a payload. A passkey cannot sign one: what it signs is never the bytes themselves. */
export async function signJwt(header: object, payload: Uint8Array, signer: Signer): Promise<string> {
  if (signer.alg === 'WebAuthn-ES256') throw new Error('A passkey cannot sign certificates or lists.')
  const input = jwsSigningInput(canonicalize(header), payload)
  return joinJws(input, await signer.sign(toUtf8(input)))
}
