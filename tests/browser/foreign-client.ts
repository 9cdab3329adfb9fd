/** What @openid4vc, a client that we did not write, asks of its surroundings: hashes, chance, and keys that stay here. */
import { createHash, randomBytes } from 'node:crypto'
import { Openid4vciClient, setGlobalConfig } from '@openid4vc/openid4vci'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

type PublicJwk = JWK & { kty: string }

export function foreignClient() {
  // The node of a test has no certificate for TLS.
  setGlobalConfig({ allowInsecureUrls: true })
  const keys = new Map<string, CryptoKey>()
  async function newKey() {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
    const publicJwk = (await exportJWK(publicKey)) as PublicJwk
    keys.set(await calculateJwkThumbprint(publicJwk), privateKey)
    return { method: 'jwk' as const, alg: 'ES256', publicJwk }
  }
  const callbacks = {
    fetch,
    hash: (data: Uint8Array, algorithm: string) =>
      new Uint8Array(createHash(algorithm.replace('-', '')).update(data).digest()),
    generateRandom: (length: number) => new Uint8Array(randomBytes(length)),
    clientAuthentication: () => undefined,
    signJwt: async (signer: object, { header, payload }: { header: object; payload: object }) => {
      const { publicJwk } = signer as { publicJwk: PublicJwk }
      const key = keys.get(await calculateJwkThumbprint(publicJwk)) as CryptoKey
      const jwt = await new SignJWT({ ...payload }).setProtectedHeader(header as { alg: string }).sign(key)
      return { jwt, signerJwk: publicJwk }
    },
    verifyJwt: () => ({ verified: false as const }),
    decryptJwe: () => ({ decrypted: false as const }),
    encryptJwe: () => {
      throw new Error('Nothing is encrypted here.')
    },
  }
  return { client: new Openid4vciClient({ callbacks } as never), newKey }
}
