/** What a node must keep to itself, and where it comes from. Nothing here is ever logged. */
import { readPassphrase } from '@chengxin/client/node'
import { isRefusal } from '@chengxin/kernel'
import { SettingFault } from './config.ts'

/**
 * The passphrase of the member's keystore, from the file that CHENGXIN_PASSPHRASE_FILE names; undefined where none is
 * named, and then only a sample city's keys may be kept.
 */
export async function keystorePassphrase(environment: {
  readonly [name: string]: string | undefined
}): Promise<string | undefined> {
  return passphraseOf('CHENGXIN_PASSPHRASE_FILE', environment)
}

/** The passphrase that the vault is to have after a rotation; undefined where it keeps the one it has. */
export async function newPassphrase(environment: {
  readonly [name: string]: string | undefined
}): Promise<string | undefined> {
  return passphraseOf('CHENGXIN_NEW_PASSPHRASE_FILE', environment)
}

async function passphraseOf(
  setting: string,
  environment: { readonly [name: string]: string | undefined },
): Promise<string | undefined> {
  const file = environment[setting] || undefined
  if (file === undefined) return undefined
  const passphrase = await readPassphrase({ file, prompt: '' }).catch(() => undefined)
  if (passphrase === undefined || isRefusal(passphrase)) {
    throw new SettingFault(`${setting} names ${file}, which cannot be read or is empty.`)
  }
  return passphrase
}
