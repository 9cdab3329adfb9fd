/** A signer that uses this process's native library on the calling thread: an order faster than WebCrypto's queue. */
import type { PrivateJwk } from '@chengxin/crypto'
import { createSigner } from '@chengxin/crypto/node'
import { type Signer, type SignerOptions, signerOf } from '../signer.ts'

/** As `signerFromPrivateJwk`, for programs that sign thousands. Throws if the key is malformed. */
export function nativeSigner(privateJwk: PrivateJwk, options: SignerOptions): Signer {
  const { jwk, sign } = createSigner(privateJwk)
  return signerOf(jwk, options, async (bytes) => sign(bytes))
}
