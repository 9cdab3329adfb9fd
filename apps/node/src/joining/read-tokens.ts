/**
 * Read tokens of this member's administrator, for logs that are shown to members alone: without its key in this node's
 * keystore, such a log is fetched by nobody.
 */
import { loadKey } from '@chengxin/client/node'
import { joinJws, jwsSigningInput } from '@chengxin/crypto'
import { createSigner } from '@chengxin/crypto/node'
import { canonicalize, isRefusal, toUtf8 } from '@chengxin/kernel'

const lastsSeconds = 300

/** Gives a token that holds for some minutes; undefined where the keystore has no key of an administrator. */
export function readTokens(
  keysDirectory: string,
  groupId: string,
  passphrase: string | undefined,
): () => Promise<string | undefined> {
  let key: ReturnType<typeof loadKey> | undefined
  return async () => {
    key ??= loadKey(keysDirectory, 'admin', passphrase)
    const loaded = await key
    if (isRefusal(loaded) || loaded.did === undefined) return undefined
    const { jwk, sign } = createSigner(loaded.privateJwk)
    const alg = jwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256'
    const header = canonicalize({ alg, kid: `${loaded.did}#${loaded.keyId}`, typ: 'chengxin-read+jws' })
    const payload = canonicalize({ aud: groupId, exp: Math.floor(Date.now() / 1000) + lastsSeconds })
    const input = jwsSigningInput(header, toUtf8(payload))
    return joinJws(input, sign(toUtf8(input)))
  }
}
