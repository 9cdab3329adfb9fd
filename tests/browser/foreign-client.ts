/** What @openid4vc, a client that we did not write, asks of its surroundings: hashes, chance, and keys that stay here. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { Openid4vciClient, setGlobalConfig } from '@openid4vc/openid4vci'

type PublicJwk = {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y: string
}

export function foreignClient() {
  // The node of a test has no certificate for TLS.
  setGlobalConfig({ allowInsecureUrls: true })
  /** By their first coordinate. */
  const keys = new Map<string, KeyObject>()
  function newKey() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const publicJwk = publicKey.export({ format: 'jwk' }) as unknown as PublicJwk
    keys.set(publicJwk.x, privateKey)
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
      const input = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
      const key = { key: keys.get(publicJwk.x) as KeyObject, dsaEncoding: 'ieee-p1363' as const }
      const jwt = `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
      return { jwt, signerJwk: publicJwk }
    },
    verifyJwt: () => ({ verified: false as const }),
    decryptJwe: () => ({ decrypted: false as const }),
    encryptJwe: () => {
      throw new Error('Nothing is encrypted here.')
    },
  }
  return { client: new Openid4vciClient({ callbacks }), newKey }
}
