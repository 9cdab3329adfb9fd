/**
 * Keys of service accounts, in the vault of the server. Residents have none here: their keys never leave them.
 */
import type { Signer } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { deriveDid, privateJwkFrom, publicPart } from '@chengxin/crypto'
import { generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { type Did, fromBase64url } from '@chengxin/kernel'
import type { Vault } from '../vault/face.ts'
import type { ServiceAccount } from './service.ts'

export interface HeldKey {
  readonly signer: Signer
  /** The service account that it was made for. */
  readonly account: string
}

export interface ServiceKeys {
  /** The key of a WeID, or `undefined` where it is not held here. */
  find(weid: string): Promise<HeldKey | undefined>
  /** Undefined where the account has as many as it may have. */
  make(account: ServiceAccount): Promise<Signer | undefined>
  forget(weid: string): Promise<void>
}

export interface KeyVault {
  readonly vault: Vault
  readonly chainId: string
  /** Keys that are held from the beginning, such as the authority's. */
  readonly held?: readonly HeldKey[]
}

/** In a vault, sealed like everything in it. */
export function serviceKeysInVault({ vault, chainId, held = [] }: KeyVault): ServiceKeys {
  const keys = vault.collection<{ readonly account: string; readonly key: string }>('weid-keys')
  // One after the other: two calls at once must not both take the last place of an account.
  let queue: Promise<unknown> = Promise.resolve()
  async function make({ name, mostWeids }: ServiceAccount): Promise<Signer | undefined> {
    if ((await keys.count('account', name)) >= mostWeids) return undefined
    const privateJwk = generatePrivateJwk('ES256')
    const did = deriveDid(sha256, chainId, publicPart(privateJwk))
    await keys.insert(did, { account: name, key: privateJwk.d }, { account: name })
    return nativeSigner(privateJwk, { did })
  }
  return {
    async find(weid) {
      const given = held.find(({ signer }) => signer.did === weid)
      const stored = given ? undefined : await keys.get(weid)
      if (!stored) return given
      const { account, key } = stored.value
      const privateJwk = privateJwkFrom('ES256', fromBase64url(key) as Uint8Array)
      return { signer: nativeSigner(privateJwk, { did: weid as Did }), account }
    },
    make(account) {
      const made = queue.then(() => make(account))
      queue = made.catch(() => undefined)
      return made
    },
    async forget(weid) {
      await keys.erase(weid)
    },
  }
}
