import { openStatusList, statusAt, webPlatform } from '@chengxin/audit'
import { nativeSigner } from '@chengxin/client/node'
import { expectOk } from '@chengxin/kernel'
import { actor } from '@chengxin/testkit/certificate-city'
import { expect, test } from 'vitest'
import { type StatusRecord, StatusRegister, signStatusToken } from './status-register.ts'

const uri = 'https://node.example/list'
const { privateJwk, did, jwk, kid } = actor('issuer', 'ES256')
const signer = nativeSigner(privateJwk, { did })
const nowMs = 1_800_000_000_000

test('places are taken once, over the whole list, and half of it stays free', () => {
  const register = StatusRegister.create('list_one', uri, 4096)
  const taken = [...register.take(1000), ...register.take(1000)]
  expect(new Set(taken).size).toBe(2000)
  // Two thousand places drawn from all alike leave no quarter of the list nearly empty.
  for (const quarter of [0, 1, 2, 3]) {
    const within = taken.filter((index) => Math.floor(index / 1024) === quarter)
    expect(within.length).toBeGreaterThan(350)
  }
  expect(() => register.take(49)).toThrow('half full')
  expect(register.take(48)).toHaveLength(48)
})

test('a list is what its register says, read by the auditor', async () => {
  const register = StatusRegister.create('list_one', uri, 4096)
  const taken = register.take(40)
  for (const [at, index] of taken.entries()) {
    register.set(index, (['valid', 'revoked', 'suspended', 'superseded'] as const)[at % 4] as 'valid')
  }
  const token = await signStatusToken(register, signer, { nowMs, validForMs: 60_000, ttlMs: 30_000 })
  const list = expectOk(await openStatusList(webPlatform, token, (keyId) => (keyId === kid ? jwk : undefined)))
  expect(list).toMatchObject({ uri, bits: 2, issuedAtMs: nowMs, expiresAtMs: nowMs + 60_000, ttlMs: 30_000 })
  for (let index = 0; index < 4096; index++) {
    const at = taken.indexOf(index)
    expect(statusAt(list, index)).toBe(at < 0 ? 0 : at % 4)
  }
})

test('revoking is for good, suspending is not, and a free place has no status', () => {
  const register = StatusRegister.create('list_one', uri, 16)
  const [index] = register.take(1) as [number]
  register.set(index, 'suspended')
  register.set(index, 'valid')
  register.set(index, 'revoked')
  expect(() => register.set(index, 'valid')).toThrow('stays revoked')
  expect(() => register.set((index + 1) % 16, 'revoked')).toThrow('belongs to no certificate')
})

test('a register put away and taken up again goes on where it stood', () => {
  const register = StatusRegister.create('list_one', uri, 64)
  const [index] = register.take(3) as [number]
  register.set(index, 'revoked')
  register.notePending({ token: 't', validUntilMs: 5, sent: [] })
  const record = JSON.parse(JSON.stringify(register.record())) as StatusRecord
  const again = new StatusRegister(record)
  expect(again.pending).toEqual({ token: 't', validUntilMs: 5, sent: [] })
  expect(again.compressed()).toEqual(register.compressed())
  again.notePublished()
  expect(again).toMatchObject({ version: 1, pending: undefined, listId: 'list_one' })
  expect(() => again.set(index, 'valid')).toThrow('stays revoked')
})
