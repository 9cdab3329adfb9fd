/**
 * The vault in S3-compatible storage that we did not write: the histories that every store is held to, interruptions at
 * every request, erasure, damage, a lost disk, and storage that must not be trusted with a vault.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  backupVault,
  openSealedVault,
  restoreVault,
  rotateVault,
  type SealedVault,
  type VaultDamaged,
  VaultLocked,
} from '@chengxin/services'
import { findS3Storage, s3HowToGet, startS3Storage, type TestStorage } from '@chengxin/testkit/s3-storage'
import { sameAsInMemory } from '@chengxin/testkit/vault-histories'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLmdbStore } from '../../../apps/node/src/vault/lmdb-store.ts'
import { type Bucket, BucketFault, openBucket } from '../../../apps/node/src/vault/s3/bucket.ts'
import { openS3Store } from '../../../apps/node/src/vault/s3/s3-store.ts'
import { signedHeaders } from '../../../apps/node/src/vault/s3/signature.ts'
import { openTombstoneFile } from '../../../apps/node/src/vault/tombstone-file.ts'
import { requirePeer } from '../require-peer.ts'

const hasStorage = requirePeer('S3-compatible storage', () => findS3Storage() !== undefined, s3HowToGet)
const secret = 'Ana Maria Chan 陳安娜 1234567(8)'

describe.skipIf(!hasStorage)('the vault in a bucket', () => {
  const place = mkdtempSync(join(tmpdir(), 'chengxin-s3-vault-'))
  let storage: TestStorage
  let buckets = 0
  let nowMs = 1_800_000_000_000
  const clock = () => nowMs

  beforeAll(async () => {
    storage = await startS3Storage()
  })
  afterAll(async () => {
    await storage?.stop()
    rmSync(place, { recursive: true, force: true })
  })

  function newBucket(): { readonly name: string; readonly url: string } {
    const name = `vault-${++buckets}`
    return { name, url: `${storage.createBucket(name)}/office` }
  }
  const bucketAt = (url: string, credentials = storage.credentials): Bucket =>
    openBucket({ place: { url, region: 'us-east-1' }, credentials, nowMs: Date.now, pauseMs: 1 })

  async function openVault(url: string, erased = 'erased', bucket = bucketAt(url)): Promise<SealedVault> {
    const store = await openS3Store(bucket, clock)
    const tombstones = await openTombstoneFile(join(place, `${url.split('/')[3]}-${erased}.txt`), clock)
    return openSealedVault({ store, tombstones, passphrase: undefined, nowMs: clock })
  }

  test('holds what the vault in memory holds, after any history', async () => {
    const urls: string[] = []
    await sameAsInMemory(async (run) => {
      urls[run] ??= newBucket().url
      return openVault(urls[run])
    }, 12)
  })

  test('whoever races for a version or an id, one wins, also between two programs', async () => {
    const { url } = newBucket()
    const one = await openVault(url)
    const other = await openVault(url)
    const records = [one, other].map((vault) => vault.collection<number>('numbers'))
    const by = (value: number) => records[value % 2] as (typeof records)[number]
    await by(0).insert('one', 0, { parity: 'even' })
    const replaced = await Promise.all(
      [1, 2, 3, 4].map((value) => by(value).replace('one', 1, value, { parity: String(value % 2) })),
    )
    expect(replaced.filter(Boolean)).toHaveLength(1)
    const inserted = await Promise.all([1, 2, 3].map((value) => by(value).insert('two', value, { parity: 'x' })))
    expect(inserted.filter(Boolean)).toHaveLength(1)
    const value = (await by(0).get('one'))?.value as number
    for (const numbers of records) {
      expect(await numbers.count()).toBe(2)
      expect((await numbers.find('parity', String(value % 2))).map(({ id }) => id)).toEqual(['one'])
      expect(await numbers.find('parity', String((value + 1) % 2))).toEqual([])
      expect(await numbers.count('parity', 'x')).toBe(1)
    }
    await one.close()
    await other.close()
  })

  test('pages through more than one listing, newest and oldest first, and past a long silence', async () => {
    const vault = await openVault(newBucket().url)
    const words = vault.collection<number>('words')
    await words.insert('of old', -1, { all: 'yes' })
    nowMs += 400 * 86_400_000
    await Promise.all(Array.from({ length: 1_100 }, (_, index) => words.insert(`word ${index}`, index, { all: 'yes' })))
    expect(await words.count()).toBe(1_101)
    const up = await words.find('all', 'yes', { limit: 1_000 })
    const rest = await words.find('all', 'yes', { limit: 1_000, after: up.at(-1)?.id as string })
    const values = [...up, ...rest].map(({ value }) => value)
    expect(values).toEqual(Array.from({ length: 1_101 }, (_, index) => index - 1))
    const down = await words.list({ limit: 1_000, newestFirst: true })
    const older = await words.list({ limit: 1_000, newestFirst: true, after: down.at(-1)?.id as string })
    expect([...down, ...older].map(({ value }) => value)).toEqual(values.toReversed())
    await vault.close()
  })

  test('an interruption at any request leaves what was before, or what comes after, and nothing between', async () => {
    const { url } = newBucket()
    const first = await openVault(url)
    await first.collection<string>('words').insert('kept', 'before', { state: 'open' })
    await first.collection<string>('words').insert('gone', 'before', { state: 'open' })
    await first.close()
    const pristine = join(place, 'pristine')
    const folder = storage.folderOf(url.split('/')[3] as string)
    const copy = (from: string, to: string) => cpSync(from, to, { recursive: true, preserveTimestamps: true })
    copy(folder, pristine)
    const changes = {
      insert: (words: Words) => words.insert('new', 'after', { state: 'open' }),
      replace: (words: Words) => words.replace('kept', 1, 'after', { state: 'closed' }),
      erase: (words: Words) => words.erase('gone'),
    }
    type Words = ReturnType<typeof first.collection<string>>
    let interrupted = 0
    for (const change of Object.values(changes)) {
      for (let cut = 0, ended = false; !ended; cut++) {
        rmSync(folder, { recursive: true })
        copy(pristine, folder)
        const broken = breaksAfter(bucketAt(url))
        const vault = await openVault(url, `${interrupted}`, broken.bucket)
        broken.left = cut
        await change(vault.collection<string>('words')).catch(() => {})
        await vault.close()
        ended = broken.left > 0
        interrupted++
        // Once soon after, while nothing may be swept yet, and once after a sweep.
        for (const laterMs of [0, 2 * 3_600_000]) {
          nowMs += laterMs
          const again = await openVault(url, `${interrupted}-again`)
          await expectWhole(again.collection<string>('words'))
          await again.close()
        }
        expect(filesUnder(folder).filter((file) => file.includes('pending'))).toEqual([])
      }
    }
    expect(interrupted).toBeGreaterThan(15)
  })

  /** What the index tells is what reading every record tells. */
  async function expectWhole(words: ReturnType<SealedVault['collection']>): Promise<void> {
    const read = (await Promise.all(['kept', 'gone', 'new'].map((id) => words.get(id)))).filter(
      (one) => one !== undefined,
    )
    expect(await words.count()).toBe(read.length)
    expect((await words.list()).map(({ id }) => id)).toEqual(read.map(({ id }) => id))
    for (const state of ['open', 'closed']) {
      const marked = read.filter(({ id, value }) => (id === 'kept' && value === 'after' ? 'closed' : 'open') === state)
      expect((await words.find('state', state)).map(({ id }) => id)).toEqual(marked.map(({ id }) => id))
      expect(await words.count('state', state)).toBe(marked.length)
    }
  }

  test('shows no value and no name of anything to who can read the disk, or the list of objects', async () => {
    const { name, url } = newBucket()
    const store = await openS3Store(bucketAt(url), clock)
    const tombstones = await openTombstoneFile(join(place, `${name}.txt`), clock)
    const vault = await openSealedVault({ store, tombstones, passphrase: 'horse battery', nowMs: clock })
    await vault.collection('bureau-people').insert('person 1', { name: secret }, { document: '1234567(8)' })
    await vault.close()
    const files = filesUnder(storage.folderOf(name))
    expect(files.length).toBeGreaterThan(4)
    for (const file of files) {
      expect(file).not.toMatch(/bureau|person|document/)
      const bytes = readFileSync(join(storage.folderOf(name), file), 'latin1')
      for (const text of [secret, 'Ana Maria', '1234567', Buffer.from(secret).toString('latin1')]) {
        expect(bytes).not.toContain(text)
      }
    }
    await expect(openVault(url)).rejects.toThrow(VaultLocked)
  })

  test('what is erased leaves no object behind, and no older copy of the bucket brings it back', async () => {
    const { name, url } = newBucket()
    let vault = await openVault(url)
    await vault.collection('people').insert('person 1', secret, { all: 'yes' })
    await vault.close()
    const without = filesUnder(storage.folderOf(name))
    vault = await openVault(url)
    await vault.collection('people').insert('person 2', secret, { all: 'yes' })
    await vault.close()
    const older = join(place, 'older')
    cpSync(storage.folderOf(name), older, { recursive: true })
    vault = await openVault(url)
    await vault.collection('people').erase('person 2')
    await vault.close()
    expect(filesUnder(storage.folderOf(name)).sort()).toEqual(without.sort())
    cpSync(older, storage.folderOf(name), { recursive: true })
    const swept = await openVault(url)
    expect(await swept.collection('people').get('person 2')).toBeUndefined()
    expect((await swept.collection('people').find('all', 'yes')).map(({ id }) => id)).toEqual(['person 1'])
    await swept.close()
  })

  test('rotates, moves to another store and back by backup and restore, and losing a disk loses no record', async () => {
    const { url } = newBucket()
    const vault = await openVault(url)
    const words = vault.collection<string>('words')
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => words.insert(`word ${index}`, `value ${index}`, { c: 'red' })),
    )
    await words.replace('word 3', 1, 'changed')
    await words.erase('word 7')
    const before = await words.list({ limit: 100 })
    const store = await openS3Store(bucketAt(url), clock)
    expect(await rotateVault(store, { before: undefined, after: undefined }, 2_000)).toBe(39)

    const folder = openLmdbStore(join(place, 'folder'))
    const tombstones = await openTombstoneFile(join(place, 'moved.txt'), clock)
    const options = { tombstones, passphrase: undefined }
    const all = { restored: 39, erased: 0, withoutKey: 0 }
    expect(await restoreVault(await backupVault(store), { ...options, store: folder })).toEqual(all)
    const elsewhere = newBucket().url
    const third = await openS3Store(bucketAt(elsewhere), clock)
    expect(await restoreVault(await backupVault(folder), { ...options, store: third })).toEqual(all)
    await folder.close()

    // The folder of the node, its list of what was erased with it, is gone: the bucket alone has everything.
    const moved = await openVault(elsewhere, 'new-disk')
    expect(await moved.collection('words').list({ limit: 100 })).toEqual(before)
    expect(await moved.collection('words').count('c', 'red')).toBe(39)
    await moved.collection('words').insert('word new', 'last')
    expect((await moved.collection('words').list({ newestFirst: true, limit: 1 }))[0]?.id).toBe('word new')
    await expect(restoreVault(await backupVault(store), { ...options, store: third })).rejects.toThrow(/empty/)
    await moved.close()
    await vault.close()
  })

  test('a byte of a record that is changed is found without any key, and never served', async () => {
    const { name, url } = newBucket()
    const vault = await openVault(url)
    for (const id of ['one', 'two']) await vault.collection('words').insert(id, secret)
    await vault.close()
    const rows = filesUnder(storage.folderOf(name)).filter((file) => file.includes('/rows/'))
    expect(rows).toHaveLength(2)
    const file = join(storage.folderOf(name), rows[0] as string)
    const whole = readFileSync(file)
    const store = await openS3Store(bucketAt(url), clock)
    for (let at = 0; at < whole.length; at += 3) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] as number) ^ 1
      writeFileSync(file, bytes)
      const damages: VaultDamaged[] = []
      const read: string[] = []
      for await (const { id } of store.rows((damaged) => damages.push(damaged))) read.push(id)
      expect([at, read.length, damages.length]).toEqual([at, 1, 1])
    }
    writeFileSync(file, whole)
    expect(await store.count('words', undefined)).toBe(2)
    await store.close()
  })

  describe('is refused', () => {
    test('with a sentence, where the key is wrong, or there is no such bucket', async () => {
      const { url } = newBucket()
      const wrong = bucketAt(url, { ...storage.credentials, secret: 'another' })
      await expect(openS3Store(wrong, clock)).rejects.toThrow(/403 SignatureDoesNotMatch\. Look at the key file/)
      await expect(openS3Store(wrong, clock)).rejects.not.toThrow(/another/)
      await expect(openS3Store(bucketAt(`${storage.url}/none/at-all`), clock)).rejects.toThrow(/404 NoSuchBucket/)
      await expect(openS3Store(bucketAt('http://127.0.0.1:9/none'), clock)).rejects.toThrow(BucketFault)
    })

    test('by storage that ignores conditions', async () => {
      const { url } = newBucket()
      const careless = await carelessStorage(url)
      await expect(openS3Store(bucketAt(careless.url), clock)).rejects.toThrow(/ignores conditions/)
      await careless.close()
    })

    test('by a bucket that keeps older versions', async () => {
      const versions: Bucket = { ...bucketAt(newBucket().url), keepsVersions: async () => true }
      await expect(openS3Store(versions, clock)).rejects.toThrow(/what is erased would stay/)
    })
  })

  test('an answer that was lost on its way changes nothing twice', async () => {
    const { url } = newBucket()
    const lossy = await lossyStorage(url)
    const vault = await openVault(url, 'lossy', bucketAt(lossy.url))
    const words = vault.collection<string>('words')
    expect(await words.insert('one', 'first', { c: 'red' })).toBe(true)
    expect(await words.insert('one', 'second')).toBe(false)
    expect(await words.replace('one', 1, 'third')).toBe(true)
    expect(await words.replace('one', 1, 'fourth')).toBe(false)
    expect(await words.get('one')).toEqual({ id: 'one', version: 2, value: 'third' })
    expect(await words.count()).toBe(1)
    expect(lossy.lost()).toBeGreaterThan(3)
    await vault.close()
    await lossy.close()
  })

  /** Between us and the storage: loses each second answer to a PUT, after the storage has acted on it. */
  async function lossyStorage(url: string) {
    const target = new URL(url)
    let puts = 0
    let lost = 0
    const served = await serve((incoming, outgoing) => {
      const loses = incoming.method === 'PUT' && puts++ % 2 === 0
      const { method, url: path, headers } = incoming
      const to = { host: target.hostname, port: target.port, method, path, headers }
      const asked = forward(to, (answer) => {
        if (!loses) return void answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers))
        lost++
        answer.resume().once('end', () => outgoing.destroy())
      })
      asked.once('error', () => outgoing.destroy())
      incoming.pipe(asked)
    })
    return { url: url.replace(target.host, served.host), lost: () => lost, close: served.close }
  }

  /** The same storage, asked without the conditions: what was written last is what stays. */
  async function carelessStorage(url: string) {
    const target = new URL(url)
    const served = await serve((incoming, outgoing) => void again(incoming, outgoing))
    async function again(incoming: IncomingMessage, outgoing: ServerResponse) {
      const parts: Buffer[] = []
      for await (const part of incoming) parts.push(part as Buffer)
      const plain = { method: incoming.method ?? 'GET', headers: {}, body: Buffer.concat(parts) }
      const asked = { ...plain, url: new URL(`${target.origin}${incoming.url}`) }
      const headers = signedHeaders(asked, storage.credentials, { region: 'us-east-1', nowMs: Date.now() })
      const { method, body } = plain
      const answer = await fetch(asked.url, { method, headers, ...(method === 'PUT' && { body }) })
      outgoing.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
    }
    return { url: url.replace(target.host, served.host), close: served.close }
  }
})

async function serve(answer: RequestListener) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A bucket that answers so many requests more, and then none. */
function breaksAfter(bucket: Bucket): { readonly bucket: Bucket; left: number } {
  const state = { left: Number.POSITIVE_INFINITY, bucket }
  const spend = () => {
    if (state.left <= 0) throw new BucketFault('The power went.')
    state.left--
  }
  state.bucket = {
    ...bucket,
    async get(...args) {
      spend()
      return bucket.get(...args)
    },
    async put(...args) {
      spend()
      return bucket.put(...args)
    },
    async remove(...args) {
      spend()
      return bucket.remove(...args)
    },
  }
  return state
}

function filesUnder(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((name) => statSync(join(folder, name)).isFile())
}
