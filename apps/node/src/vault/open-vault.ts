/** The vault of this node: in its own folder, or in PostgreSQL where the node has one. */
import { openSealedVault, type SealedVault, type VaultStore } from '@chengxin/services'
import type { Settings } from '../config.ts'
import type { DataPaths } from '../data-directory.ts'
import { openLmdbStore } from './lmdb-store.ts'
import { openPostgresStore, postgresDatabase } from './postgres-store.ts'
import { openTombstoneFile } from './tombstone-file.ts'

type Place = Pick<Settings, 'databaseUrl'>

export async function openVaultStore(paths: DataPaths, { databaseUrl }: Place): Promise<VaultStore> {
  return databaseUrl === undefined ? openLmdbStore(paths.vault) : openPostgresStore(postgresDatabase(databaseUrl))
}

export async function openNodeVault(
  paths: DataPaths,
  place: Place,
  passphrase: string | undefined,
): Promise<SealedVault> {
  const store = await openVaultStore(paths, place)
  try {
    const tombstones = await openTombstoneFile(paths.vaultErased, Date.now)
    return await openSealedVault({ store, tombstones, passphrase, nowMs: Date.now })
  } catch (error) {
    await store.close()
    throw error
  }
}
