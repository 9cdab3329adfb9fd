/**
 * The vault read to its end: with its passphrase every record is opened, and what it holds forgotten at once; without it
 * each is held to the hash that lies with it, where the store keeps one.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkPages } from '@chengxin/ledger'
import { openRow, openVaultKeys, VaultDamaged, VaultLocked, type VaultStore } from '@chengxin/services'
import type { Settings } from '../config.ts'
import type { DataPaths } from '../data-directory.ts'
import { openVaultStore } from '../vault/open-vault.ts'
import type { Found } from './audit-beside.ts'

interface VaultAudit {
  readonly facts: { readonly records: number; readonly opened: boolean }
  readonly damages: readonly Found[]
}

interface How {
  readonly isLive: boolean
  readonly passphrase: string | undefined
}

/** Undefined where the node has no vault. */
export async function auditVault(paths: DataPaths, settings: Settings, how: How): Promise<VaultAudit | undefined> {
  const isFolder = settings.vaultBucket === undefined && settings.databaseUrl === undefined
  const file = join(paths.vault, 'data.mdb')
  if (isFolder && !existsSync(file)) return undefined
  if (isFolder && !how.isLive) {
    const broken: Found[] = []
    const add = (at: string, sentence: string) => broken.push(damage(file, at, sentence, 'vault_damaged'))
    checkPages(
      file,
      () => {},
      ({ page, sentence }) => add(`page ${page}`, `${sentence} Restore the vault from its newest backup.`),
    )
    // LMDB trusts its pages: a damaged one could end this program.
    if (broken.length > 0) return { facts: { records: 0, opened: false }, damages: broken }
  }
  const place = isFolder ? file : settings.vaultBucket === undefined ? 'DATABASE_URL' : settings.vaultBucket.url
  const store = await openVaultStore(paths, settings)
  try {
    return await readStore(store, place, how)
  } finally {
    await store.close()
  }
}

async function readStore(store: VaultStore, place: string, how: How): Promise<VaultAudit | undefined> {
  const header = await store.readHeader()
  if (header === undefined) return undefined
  const damages: Found[] = []
  const note = ({ collection, id, message }: VaultDamaged) =>
    void damages.push(damage(place, `${id} of ${collection}`, message, 'vault_damaged'))
  const keys = await openVaultKeys(header, how.passphrase).catch((error: unknown) => {
    if (!(error instanceof VaultLocked)) throw error
    // A passphrase that does not open is a finding; one that nobody gave is not.
    if (how.passphrase !== undefined) damages.push(damage(place, 'its key file', error.message, 'vault_locked'))
    return undefined
  })
  let records = 0
  const counted = new Map<string, number>()
  for await (const row of store.rows(note)) {
    records++
    counted.set(row.collection, (counted.get(row.collection) ?? 0) + 1)
    if (keys === undefined) continue
    try {
      openRow(row, keys)
    } catch (error) {
      if (!(error instanceof VaultDamaged)) throw error
      note(error)
    }
  }
  // While others write, a count and a list taken one after the other need not agree.
  if (!how.isLive && damages.length === 0) {
    for (const [collection, rows] of counted) {
      const listed = await store.count(collection, undefined)
      if (listed === rows) continue
      const sentence = `The index lists ${listed} records of ${collection}, and ${rows} are there. Make it anew by backup and restore.`
      damages.push(damage(place, `the index of ${collection}`, sentence, 'vault_damaged'))
    }
  }
  return { facts: { records, opened: keys !== undefined }, damages }
}

function damage(file: string, at: string, advice: string, code: string): Found {
  return { code, file, at, advice }
}
