/**
 * The keys with which a member signs what its node states about the log: checkpoints, and cosignatures. They are made
 * here, on the machine that uses them, and never leave it.
 */
import { firstKeyId } from '@chengxin/client'
import { loadKey, saveKey } from '@chengxin/client/node'
import { type PrivateJwk, type PublicJwk, publicPart } from '@chengxin/crypto'
import { generatePrivateJwk } from '@chengxin/crypto/node'
import { type Did, isRefusal, type Refusal } from '@chengxin/kernel'

export interface MemberKeys {
  readonly log: PrivateJwk
  readonly cosigner: PrivateJwk
}

/** A keystore that does not open: the sentence says what to do. */
export class KeystoreFault extends Error {
  override readonly name = 'KeystoreFault'
}

/** The keys of this node's member, made at the first start. Without a passphrase they lie readable to their owner alone. */
export async function openMemberKeys(directory: string, passphrase: string | undefined): Promise<MemberKeys> {
  return {
    log: await openOrMakeKey(directory, 'log', passphrase),
    cosigner: await openOrMakeKey(directory, 'cosigner', passphrase),
  }
}

/** A key of this node by its name, made if there is none yet; `didOf` names the DID that a new one is to sign for. */
export async function openOrMakeKey(
  directory: string,
  name: string,
  passphrase: string | undefined,
  didOf?: (key: PublicJwk) => Did,
): Promise<PrivateJwk> {
  let key: { readonly privateJwk: PrivateJwk } | Refusal = await loadKey(directory, name, passphrase)
  if (isRefusal(key) && key.refused === 'key_not_found') {
    const privateJwk = generatePrivateJwk('EdDSA')
    const signer = didOf && { did: didOf(publicPart(privateJwk)), keyId: firstKeyId }
    const saved = await saveKey(directory, { name, privateJwk, ...signer }, passphrase)
    // Not read again: opening costs what guessing is to cost.
    key = isRefusal(saved) ? saved : { privateJwk }
  }
  if (!isRefusal(key)) return key.privateJwk
  const advice = {
    passphrase_needed: 'It is encrypted: name the file with its passphrase in CHENGXIN_PASSPHRASE_FILE.',
    passphrase_wrong: 'The passphrase of CHENGXIN_PASSPHRASE_FILE does not open it, or the file was changed.',
    key_file_damaged: 'Restore it from a backup; the group would need a new key otherwise.',
  }[key.refused]
  throw new KeystoreFault(`The key ${name} in ${directory} cannot be used (${key.refused}). ${advice ?? ''}`.trimEnd())
}
