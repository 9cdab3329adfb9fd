/** Making a key of one's own, with the DID that it founds. */
import { deriveDid, publicPart, type SignatureAlgorithm } from '@chengxin/crypto'
import { generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { isRefusal, type Refusal } from '@chengxin/kernel'
import { firstKeyId, type Signer } from '../signer.ts'
import { type KeyFacts, loadKey, saveKey } from './keystore.ts'
import { nativeSigner } from './native-signer.ts'

export interface NewKey {
  readonly name: string
  readonly algorithm: SignatureAlgorithm
  /** The deployment that the DID belongs to. */
  readonly chainId: string
}

/** Makes a key and keeps it; refusals as of `saveKey`. */
export async function makeKey(
  directory: string,
  { name, algorithm, chainId }: NewKey,
  passphrase: string | undefined,
): Promise<KeyFacts | Refusal> {
  const privateJwk = generatePrivateJwk(algorithm)
  const did = deriveDid(sha256, chainId, publicPart(privateJwk))
  return saveKey(directory, { name, privateJwk, did, keyId: firstKeyId }, passphrase)
}

/** A signer of a kept key; refusals as of `loadKey`, and `key_without_did`. */
export async function openSigner(
  directory: string,
  name: string,
  passphrase: string | undefined,
): Promise<Signer | Refusal> {
  const key = await loadKey(directory, name, passphrase)
  if (isRefusal(key)) return key
  const { did, keyId = firstKeyId, privateJwk } = key
  return did === undefined ? { refused: 'key_without_did' } : nativeSigner(privateJwk, { did, keyId })
}
