/**
 * Keys of service accounts, in encrypted files or in the vault of the server. Residents have none here: their keys never
 * leave them.
 */
import type { Signer } from '@chengxin/client'
import { listKeys, makeKey, nativeSigner, openSigner } from '@chengxin/client/node'
import { deriveDid, privateJwkFrom, publicPart } from '@chengxin/crypto'
import { generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { type Did, expectOk, fromBase64url } from '@chengxin/kernel'
import type { Vault } from '../vault/face.ts'

export interface HeldKey {
  readonly signer: Signer
  /** The service account that it was made for. */
  readonly account: string
}

export interface ServiceKeys {
  /** The key of a WeID, or `undefined` where it is not held here. */
  find(weid: string): Promise<HeldKey | undefined>
  make(account: string): Promise<Signer>
}

export interface KeyFolder {
  readonly directory: string
  readonly passphrase: string | undefined
  readonly chainId: string
  /** Keys that are held from the beginning, such as the authority's. */
  readonly held?: readonly HeldKey[]
}

/** Accounts are named in the files' names: `<account>.<number>`. */
export function serviceKeysIn({ directory, passphrase, chainId, held = [] }: KeyFolder): ServiceKeys {
  return {
    async find(weid) {
      const given = held.find(({ signer }) => signer.did === weid)
      if (given) return given
      const found = (await listKeys(directory)).find(({ did }) => did === weid)
      if (!found) return undefined
      const signer = expectOk(await openSigner(directory, found.name, passphrase))
      return { signer, account: found.name.slice(0, found.name.lastIndexOf('.')) }
    },
    async make(account) {
      const name = `${account}.${crypto.randomUUID().slice(0, 8)}`
      const made = expectOk(await makeKey(directory, { name, algorithm: 'ES256', chainId }, passphrase))
      return expectOk(await openSigner(directory, made.name, passphrase))
    },
  }
}

export interface KeyVault {
  readonly vault: Vault
  readonly chainId: string
  readonly held?: readonly HeldKey[]
}

/** The same in a vault, sealed like everything in it. */
export function serviceKeysInVault({ vault, chainId, held = [] }: KeyVault): ServiceKeys {
  const keys = vault.collection<{ readonly account: string; readonly key: string }>('weid-keys')
  return {
    async find(weid) {
      const given = held.find(({ signer }) => signer.did === weid)
      const stored = given ? undefined : await keys.get(weid)
      if (!stored) return given
      const { account, key } = stored.value
      const privateJwk = privateJwkFrom('ES256', fromBase64url(key) as Uint8Array)
      return { signer: nativeSigner(privateJwk, { did: weid as Did }), account }
    },
    async make(account) {
      const privateJwk = generatePrivateJwk('ES256')
      const did = deriveDid(sha256, chainId, publicPart(privateJwk))
      await keys.insert(did, { account, key: privateJwk.d })
      return nativeSigner(privateJwk, { did })
    },
  }
}
