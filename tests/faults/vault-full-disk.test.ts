/** A disk that fills up under the vault: the change that finds no room is refused whole, and room brings writing back. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSealedVault, VaultFull } from '@chengxin/services'
import { afterAll, describe, expect, test } from 'vitest'
import { openLmdbStore } from '../../apps/node/src/vault/lmdb-store.ts'
import { openTombstoneFile } from '../../apps/node/src/vault/tombstone-file.ts'
import { requirePeer } from '../peers/require-peer.ts'
import { temporaryData } from '../running-node.ts'

const place = temporaryData()
const disk = join(place.path, 'disk')
mkdirSync(disk)
const canMount = requirePeer(
  'A small disk of its own (mount -t tmpfs)',
  () => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'chengxin-test', disk]).status === 0,
  'run the tests as a user who may mount one',
)

describe.skipIf(!canMount)('on a full disk', () => {
  afterAll(() => {
    spawnSync('umount', ['--lazy', disk])
    place.remove()
  })

  test('what was kept stays readable, the rest is refused, and room brings writing back', async () => {
    const filler = join(disk, 'filler')
    writeFileSync(filler, Buffer.alloc(2 * 1024 * 1024))
    const tombstones = await openTombstoneFile(join(place.path, 'erased.txt'), Date.now)
    const store = openLmdbStore(join(disk, 'vault'))
    const vault = await openSealedVault({ store, tombstones, passphrase: undefined, nowMs: Date.now })
    const photos = vault.collection<string>('photos')
    const photo = (index: number) => `${index} `.padEnd(64 * 1024, 'x')
    let kept = 0
    const fill = async () => {
      for (; kept < 1000; kept++) await photos.insert(`photo_${kept}`, photo(kept))
    }
    await expect(fill()).rejects.toThrow(VaultFull)
    expect(kept).toBeGreaterThan(20)
    expect(await photos.get(`photo_${kept}`)).toBeUndefined()
    for (let index = 0; index < kept; index++) expect((await photos.get(`photo_${index}`))?.value).toBe(photo(index))
    expect(await photos.count()).toBe(kept)
    rmSync(filler)
    expect(await photos.insert(`photo_${kept}`, photo(kept))).toBe(true)
    await vault.close()
  })
})
