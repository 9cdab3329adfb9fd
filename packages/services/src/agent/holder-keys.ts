/** Keys that certificates are bound to. They lie in the vault and are asked only after the resident's own key has signed. */
import { type PrivateJwk, publicPart } from '@chengxin/crypto'
import { createSigner, generatePrivateJwk } from '@chengxin/crypto/node'
import type { HeldCertificate, HolderKey, Wallet } from '@chengxin/holder'
import type { Agent } from './agent.ts'
import type { Copy } from './records.ts'

export function holderKeyFrom(privateJwk: PrivateJwk): HolderKey {
  const { sign } = createSigner(privateJwk)
  return { jwk: publicPart(privateJwk), sign: async (bytes) => sign(bytes) }
}

export function heldCertificate({ text, key }: Copy): HeldCertificate {
  return { text, key: holderKeyFrom(key) }
}

/** A wallet that remembers the private parts of the keys it makes, so that they can be kept with what they are for. */
export interface KeyedWallet extends Wallet {
  privateKeyOf(key: HolderKey): PrivateJwk
}

export async function keyedWallet({ send, ledger, nowMs }: Agent): Promise<KeyedWallet> {
  const made = new Map<HolderKey, PrivateJwk>()
  return {
    send,
    anchors: await ledger.authorities(),
    nowMs,
    async newKey() {
      const privateJwk = generatePrivateJwk('ES256')
      const key = holderKeyFrom(privateJwk)
      made.set(key, privateJwk)
      return key
    },
    privateKeyOf(key) {
      const privateJwk = made.get(key)
      if (!privateJwk) throw new Error('A key that this wallet did not make was asked for.')
      return privateJwk
    },
  }
}
