/** The vault of this node: in a bucket where one is named, in PostgreSQL where the node has one, or in its own folder. */
import { openSealedVault, type SealedVault, type VaultStore } from '@chengxin/services'
import type { Settings } from '../config.ts'
import type { DataPaths } from '../data-directory.ts'
import { bucketCredentials } from '../secrets.ts'
import { openLmdbStore } from './lmdb-store.ts'
import { openPostgresStore, postgresDatabase } from './postgres-store.ts'
import { openBucket } from './s3/bucket.ts'
import { openS3Store } from './s3/s3-store.ts'
import { openTombstoneFile } from './tombstone-file.ts'

type Place = Pick<Settings, 'databaseUrl'> & Partial<Pick<Settings, 'vaultBucket'>>

export async function openVaultStore(paths: DataPaths, { databaseUrl, vaultBucket }: Place): Promise<VaultStore> {
  if (vaultBucket !== undefined) {
    const credentials = await bucketCredentials(vaultBucket)
    return openS3Store(openBucket({ place: vaultBucket, credentials, nowMs: Date.now }), Date.now)
  }
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
