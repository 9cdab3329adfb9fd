/** The vault as the node keeps it: against the one in memory, against damage, copies, thieves and full disks. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  backupVault,
  openSealedVault,
  restoreVault,
  rotateVault,
  type SealedVault,
  type VaultBackup,
  VaultDamaged,
  VaultLocked,
} from '@chengxin/services'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLmdbStore } from './lmdb-store.ts'
import { openTombstoneFile } from './tombstone-file.ts'

const secret = 'Ana Maria Chan 陳安娜 1234567(8)'
const passphrase = 'horse battery'
let place: string
let opened: SealedVault[]

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'chengxin-vault-'))
  opened = []
})
afterEach(async () => {
  for (const vault of opened) await vault.close()
  rmSync(place, { recursive: true, force: true })
})

/** Without a passphrase unless one is given: stretching it takes long, on purpose. */
async function openVault(name = 'vault', options: { passphrase?: string; tombstones?: string } = {}) {
  const tombstones = await openTombstoneFile(join(place, options.tombstones ?? 'erased.txt'), () => 1_000)
  const store = openLmdbStore(join(place, name))
  try {
    const vault = await openSealedVault({
      store,
      tombstones,
      passphrase: options.passphrase,
      nowMs: () => 1_000,
    })
    opened.push(vault)
    return vault
  } catch (error) {
    await store.close()
    throw error
  }
}

async function shut(vault: SealedVault): Promise<void> {
  opened = opened.filter((other) => other !== vault)
  await vault.close()
}

async function linesOf(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}

async function copyOf(name = 'vault'): Promise<{ bodies: string[]; keys: string[] }> {
  const store = openLmdbStore(join(place, name))
  const { bodies, keys } = await backupVault(store)
  const copy = { bodies: await linesOf(bodies), keys: await linesOf(keys) }
  await store.close()
  return copy
}

async function* asLines(lines: readonly string[]) {
  yield* lines
}
const backupOf = ({ bodies, keys }: { bodies: string[]; keys: string[] }): VaultBackup => ({
  bodies: asLines(bodies),
  keys: asLines(keys),
})

async function restoreInto(name: string, copy: { bodies: string[]; keys: string[] }, tombstones = 'erased.txt') {
  const store = openLmdbStore(join(place, name))
  const stones = await openTombstoneFile(join(place, tombstones), () => 1_000)
  try {
    return await restoreVault(backupOf(copy), { store, tombstones: stones, passphrase: undefined })
  } finally {
    await store.close()
    await stones.close()
  }
}

describe('many at once', () => {
  test('whoever races for a version, one wins', async () => {
    const records = (await openVault()).collection<number>('numbers')
    await records.insert('one', 0)
    const won = await Promise.all([1, 2, 3, 4].map((value) => records.replace('one', 1, value)))
    expect(won.filter(Boolean)).toHaveLength(1)
    const inserted = await Promise.all([1, 2, 3].map((value) => records.insert('two', value)))
    expect(inserted.filter(Boolean)).toHaveLength(1)
  })
})

describe('a copy of the disk', () => {
  test('opens nothing: no value, mark or key of it is readable', async () => {
    const vault = await openVault('vault', { passphrase })
    await vault.collection('people').insert('person 1', { name: secret }, { document: '1234567(8)' })
    await shut(vault)
    const bytes = readdirSync(join(place, 'vault')).map((name) => readFileSync(join(place, 'vault', name), 'latin1'))
    for (const text of [secret, 'Ana Maria', '1234567', Buffer.from(secret).toString('latin1')]) {
      expect(bytes.join('')).not.toContain(text)
    }
    expect(bytes.join('')).toContain('person 1')
    await expect(openVault()).rejects.toThrow(VaultLocked)
    await expect(openVault('vault', { passphrase: 'horse batterz' })).rejects.toThrow(VaultLocked)
    const again = await openVault('vault', { passphrase })
    expect((await again.collection('people').find('document', '1234567(8)'))[0]?.value).toEqual({ name: secret })
  })

  test('with any byte of a record changed names the record, and never gives another value', async () => {
    const vault = await openVault()
    for (const id of ['one', 'two']) await vault.collection('words').insert(id, secret)
    await shut(vault)
    const raw = open({ path: join(place, 'vault'), encoding: 'binary', keyEncoding: 'binary' } as object as {
      path: string
    })
    const rows = raw.openDB({ name: 'rows', encoding: 'binary', keyEncoding: 'binary' } as object as { name: string })
    const whole = Buffer.from(rows.get(Buffer.from('words one')) as Buffer)
    const other = Buffer.from(rows.get(Buffer.from('words two')) as Buffer)
    const flipped = [...whole.keys()].map((index) => {
      const bytes = Buffer.from(whole)
      bytes[index] = (bytes[index] as number) ^ 1
      return bytes
    })
    let damaged = 0
    for (const bytes of [...flipped, other, whole.subarray(0, 9), Buffer.alloc(0)]) {
      await rows.put(Buffer.from('words one'), bytes)
      const again = await openVault()
      const read = await again
        .collection('words')
        .get('one')
        .catch((error: unknown) => error)
      await shut(again)
      if (read instanceof VaultDamaged) damaged++
      // The place in the list is no part of what was sealed; everything else is.
      else expect(read).toMatchObject({ id: 'one', value: secret, version: 1 })
    }
    expect(damaged).toBeGreaterThan(whole.length - 10)
    await raw.close()
  })
})

describe('rotation', () => {
  test('wraps every key anew, under another passphrase, and the old one opens nothing', async () => {
    const vault = await openVault('vault', { passphrase })
    const words = vault.collection<string>('words')
    await Promise.all(Array.from({ length: 510 }, (_, index) => words.insert(`word ${index}`, secret)))
    await shut(vault)
    const store = openLmdbStore(join(place, 'vault'))
    expect(await rotateVault(store, { before: passphrase, after: 'a new one' }, 5_000)).toBe(510)
    await store.close()
    await expect(openVault('vault', { passphrase })).rejects.toThrow(VaultLocked)
    const again = await openVault('vault', { passphrase: 'a new one' })
    expect(again.keys).toMatchObject({ isRotating: false, isEncrypted: true, masterSinceMs: 5_000 })
    expect((await again.collection('words').get('word 509'))?.value).toBe(secret)
  })

  test('that is interrupted loses nothing, and goes on', async () => {
    const vault = await openVault()
    for (let index = 0; index < 20; index++) await vault.collection('words').insert(`word_${index}`, secret)
    await shut(vault)
    const store = openLmdbStore(join(place, 'vault'))
    let rewrapped = 0
    const failing: typeof store = Object.assign(Object.create(store) as typeof store, {
      rewrap: async (...args: Parameters<typeof store.rewrap>) => {
        if (rewrapped === 7) throw new Error('The power went.')
        rewrapped++
        return store.rewrap(...args)
      },
    })
    for (const name of ['rows', 'readHeader', 'writeHeader'] as const) {
      Object.assign(failing, { [name]: store[name].bind(store) })
    }
    const passphrases = { before: undefined, after: undefined }
    await expect(rotateVault(failing, passphrases, 5_000)).rejects.toThrow('The power went.')
    await store.close()
    const between = await openVault()
    expect(between.keys.isRotating).toBe(true)
    expect(await between.collection('words').list({ limit: 30 })).toHaveLength(20)
    await shut(between)
    const again = openLmdbStore(join(place, 'vault'))
    expect(await rotateVault(again, passphrases, 6_000)).toBe(20 - rewrapped)
    await again.close()
    expect((await openVault()).keys.isRotating).toBe(false)
  })
})

describe('backup and restore', () => {
  test('bring back every record with its version, place and marks, and go on from there', async () => {
    const vault = await openVault()
    const words = vault.collection<string>('words')
    for (let index = 0; index < 20; index++)
      await words.insert(`word_${index}`, `${secret} ${index}`, { even: String(index % 2) })
    await words.replace('word_3', 1, 'changed')
    const before = await words.list({ limit: 100 })
    const found = await words.find('even', '1')
    await shut(vault)
    expect(await restoreInto('restored', await copyOf())).toEqual({ restored: 20, erased: 0, withoutKey: 0 })
    const again = await openVault('restored')
    expect(await again.collection('words').list({ limit: 100 })).toEqual(before)
    expect(await again.collection('words').find('even', '1')).toEqual(found)
    await again.collection('words').insert('word_new', 'last')
    expect((await again.collection('words').list({ newestFirst: true, limit: 1 }))[0]?.id).toBe('word_new')
  })

  test('what was erased does not come back: not by the list, and not without it', async () => {
    const vault = await openVault()
    await vault.collection('people').insert('person 1', secret)
    await vault.collection('people').insert('person_2', secret)
    await shut(vault)
    const old = await copyOf()
    const after = await openVault()
    await after.collection('people').erase('person 1')
    await shut(after)
    const fresh = await copyOf()

    // The list of what was erased lies apart, and holds even where bodies and keys are both of the older copy.
    expect(await restoreInto('by-list', old)).toMatchObject({ restored: 1, erased: 1 })
    // Without the list: old bodies with the newest keys open all but the erased.
    const parts = { bodies: old.bodies, keys: fresh.keys }
    expect(await restoreInto('by-keys', parts, 'no-list.txt')).toMatchObject({ restored: 1, withoutKey: 1 })
    const restored = await openVault('by-keys')
    expect(await restored.collection('people').get('person 1')).toBeUndefined()
  })

  test('a folder copied back from before an erasure is swept when it opens', async () => {
    const vault = await openVault()
    await vault.collection('people').insert('person 1', secret)
    await shut(vault)
    const older = readFileSync(join(place, 'vault', 'data.mdb'))
    const again = await openVault()
    await again.collection('people').erase('person 1')
    await shut(again)
    writeFileSync(join(place, 'vault', 'data.mdb'), older)
    const swept = await openVault()
    expect(await swept.collection('people').get('person 1')).toBeUndefined()
    expect(await swept.collection('people').count()).toBe(0)
  })

  test.each<[string, (copy: { bodies: string[]; keys: string[] }) => void, RegExp]>([
    ['cut short', ({ bodies }) => void bodies.pop(), /cut short or was changed/],
    ['with a line missing', ({ bodies }) => void bodies.splice(1, 1), /cut short or was changed/],
    ['with its parts mixed up', (copy) => Object.assign(copy, { keys: copy.bodies }), /not a file of the kind/],
    ['without a header', ({ keys }) => void keys.splice(1), /cut short or was changed/],
  ])('a copy %s is refused', async (_case, spoil, sentence) => {
    const vault = await openVault()
    await vault.collection('people').insert('person 1', secret)
    await shut(vault)
    const copy = await copyOf()
    spoil(copy)
    await expect(restoreInto('restored', copy)).rejects.toThrow(sentence)
  })

  test('a vault in use is not written over', async () => {
    const vault = await openVault()
    await shut(vault)
    await expect(restoreInto('vault', await copyOf())).rejects.toThrow(/empty folder only/)
  })
})

test('a line of the list that was cut off erases nothing', async () => {
  const path = join(place, 'erased.txt')
  const stones = await openTombstoneFile(path, () => 1_000)
  await stones.add('people', 'person 1')
  await stones.add('people', 'person_22')
  await stones.close()
  truncateSync(path, readFileSync(path).length - 3)
  const again = await openTombstoneFile(path, () => 1_000)
  expect(await again.all()).toEqual([{ atMs: 1_000, collection: 'people', id: 'person 1' }])
  await again.close()
})
