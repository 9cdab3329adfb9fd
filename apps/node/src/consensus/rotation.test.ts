import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVerifier } from '@chengxin/crypto/node'
import { fromBase64url, toUtf8 } from '@chengxin/kernel'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { dataPaths } from '../data-directory.ts'
import { KeystoreFault } from '../member-keys.ts'
import { openEngineKeys } from './engine-keys.ts'
import { FoundingFault } from './founding.ts'
import { readOrdering } from './ordering-file.ts'
import { orderingOfGroup, rotationOf, useProposedKey } from './rotation.ts'

const root = mkdtempSync(join(tmpdir(), 'chengxin-rotation-'))
let turn = 0
let paths = dataPaths(root)
let group = paths.group('city')
const engineCopy = () => join(group.directory, 'engine/config/priv_validator_key.json')
const memory = () => join(group.directory, 'engine/data/priv_validator_state.json')

beforeEach(() => {
  paths = dataPaths(join(root, String(turn++)))
  group = paths.group('city')
  for (const part of ['config', 'data']) mkdirSync(join(group.directory, 'engine', part), { recursive: true })
  const ordering = { driver: 'cometbft', listen: { host: '0.0.0.0', port: 26_656 }, peers: [], isOneHost: true }
  writeFileSync(group.ordering, JSON.stringify(ordering))
  writeFileSync(engineCopy(), 'the old key')
  writeFileSync(memory(), '{"height":"7"}')
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

const groupId = 'a-group'
const memberId = 'member_bank'
const rotation = async (isKeyReplaced = true, certificate?: Uint8Array) => {
  const ordering = await orderingOfGroup(group)
  return rotationOf({ groupId, memberId, ordering, isKeyReplaced, certificate }, paths.keys, undefined)
}

test('a new voting key is proposed with its own proof, and the same one when asked again', async () => {
  const { validator } = await openEngineKeys(paths.keys, undefined)
  const { validatorKey: proposed, ...rest } = await rotation()
  expect(rest).toEqual({ kind: 'rotateMember', memberId })
  expect(proposed?.key.x).not.toBe(validator.x)
  const statement = toUtf8(`chengxin-member-key-v1\n${groupId}\n${memberId}\nvalidator`)
  const proof = fromBase64url(proposed?.proof ?? '') as Uint8Array
  expect(proposed && createVerifier().verify(proposed.key, statement, proof)).toBe(true)
  expect((await rotation()).validatorKey?.key).toEqual(proposed?.key)
})

test('a renewed certificate alone brings no key', async () => {
  const change = await rotation(false, Uint8Array.of(1, 2, 3))
  expect(change).toEqual({ kind: 'rotateMember', memberId, certificate: 'AQID' })
  await expect(useProposedKey(group, paths.keys, undefined)).rejects.toThrow(FoundingFault)
})

test('the engine gets the proposed key at the next start, and keeps its memory of what it signed', async () => {
  const { validator, node } = await openEngineKeys(paths.keys, undefined)
  const { validatorKey } = await rotation()
  expect(await useProposedKey(group, paths.keys, undefined)).toBe('validator-2')
  const ordering = await readOrdering(group.ordering)
  expect(ordering).toMatchObject({ validator: 'validator-2', isOneHost: true, listen: { port: 26_656 } })
  expect(existsSync(engineCopy())).toBe(false)
  expect(readFileSync(memory(), 'utf8')).toBe('{"height":"7"}')
  const now = await openEngineKeys(paths.keys, undefined, ordering?.validator)
  expect(now.validator.x).toBe(validatorKey?.key.x)
  expect(now.node).toEqual(node)
  // The old one stays for what else it serves.
  expect((await openEngineKeys(paths.keys, undefined)).validator).toEqual(validator)
  // The one after next is another again.
  const third = await rotation()
  expect(third.validatorKey?.key.x).not.toBe(validatorKey?.key.x)
  expect(await useProposedKey(group, paths.keys, undefined)).toBe('validator-3')
})

test('what was not proposed is not used, and nothing has changed then', async () => {
  await openEngineKeys(paths.keys, undefined)
  const before = readFileSync(group.ordering, 'utf8')
  await expect(useProposedKey(group, paths.keys, undefined)).rejects.toThrow(/no new voting key validator-2/)
  expect(readFileSync(group.ordering, 'utf8')).toBe(before)
  expect(readFileSync(engineCopy(), 'utf8')).toBe('the old key')
})

test('a voting key that ordering.json names is never made anew', async () => {
  await expect(openEngineKeys(paths.keys, undefined, 'validator-2')).rejects.toThrow(KeystoreFault)
  expect(existsSync(join(paths.keys, 'validator-2.json'))).toBe(false)
})
