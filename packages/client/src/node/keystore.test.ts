import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publicPart } from '@chengxin/crypto'
import { generatePrivateJwk } from '@chengxin/crypto/node'
import type { Did } from '@chengxin/kernel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeKey, listKeys, loadKey, saveKey } from './keystore.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chengxin-keystore-'))
})
afterAll(() => rm(directory, { recursive: true }))

const did = `did:weid:sample:0x${'ab'.repeat(20)}` as Did
const passphrase = 'correct horse 信 battery'

test('a key comes back with its passphrase and no other', async () => {
  const privateJwk = generatePrivateJwk('EdDSA')
  const saved = await saveKey(directory, { name: 'alice', privateJwk, did, keyId: 'key-1' }, passphrase)
  expect(saved).toMatchObject({ name: 'alice', did, keyId: 'key-1', encrypted: true, jwk: publicPart(privateJwk) })
  expect(await loadKey(directory, 'alice', passphrase)).toMatchObject({ did, privateJwk })
  expect(await loadKey(directory, 'alice', `${passphrase} `)).toEqual({ refused: 'passphrase_wrong' })
  expect(await loadKey(directory, 'alice', undefined)).toEqual({ refused: 'passphrase_needed' })
  expect(await saveKey(directory, { name: 'alice', privateJwk }, passphrase)).toEqual({ refused: 'key_exists' })
})

test('the file shows no secret, belongs to its owner, and no part of it can be changed', async () => {
  const privateJwk = generatePrivateJwk('ES256')
  await saveKey(directory, { name: 'issuer', privateJwk, did }, passphrase)
  const path = join(directory, 'issuer.json')
  const text = await readFile(path, 'utf8')
  expect(text).not.toContain(privateJwk.d)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await writeFile(path, text.replace('0xabab', '0xcdab'))
  expect(await loadKey(directory, 'issuer', passphrase)).toEqual({ refused: 'passphrase_wrong' })
  await writeFile(path, text.replace(/"secret":"./, '"secret":"_'))
  expect(await loadKey(directory, 'issuer', passphrase)).toEqual({ refused: 'passphrase_wrong' })
  await writeFile(path, text.slice(0, -40))
  expect(await loadKey(directory, 'issuer', passphrase)).toEqual({ refused: 'key_file_damaged' })
})

test('a key without a passphrase says so', async () => {
  const privateJwk = generatePrivateJwk('EdDSA')
  await saveKey(directory, { name: 'plain', privateJwk }, undefined)
  expect(await loadKey(directory, 'plain', undefined)).toMatchObject({ encrypted: false, privateJwk })
})

test('keys are listed by name, without their secrets; what is none is refused', async () => {
  const names = (await listKeys(directory)).map(({ name }) => name)
  expect(names).toEqual(['alice', 'plain'])
  expect(await listKeys(join(directory, 'none'))).toEqual([])
  expect(await describeKey(directory, 'nobody')).toEqual({ refused: 'key_not_found' })
  expect(await describeKey(directory, '../alice')).toEqual({ refused: 'key_name_malformed' })
})
