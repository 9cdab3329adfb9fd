/** What a node must keep to itself, and where it comes from. Nothing here is ever logged. */
import { readFile } from 'node:fs/promises'
import { readPassphrase } from '@chengxin/client/node'
import { isRefusal } from '@chengxin/kernel'
import { SettingFault, type VaultBucketSettings } from './config.ts'
import type { BucketCredentials } from './vault/s3/signature.ts'

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

/** The access key of the vault's storage. Read again for each request would be too often; a new key needs a restart. */
export async function bucketCredentials({ keyFile }: VaultBucketSettings): Promise<BucketCredentials> {
  const text = await readFile(keyFile, 'utf8').catch(() => '')
  const [keyId = '', secret = '', sessionToken = ''] = text.split('\n').map((line) => line.trim())
  if (keyId === '' || secret === '') {
    throw new SettingFault(
      `CHENGXIN_VAULT_S3_KEY_FILE names ${keyFile}, which should hold the key’s id and its secret.`,
    )
  }
  return { keyId, secret, ...(sessionToken !== '' && { sessionToken }) }
}
