import { beforeEach, expect, test } from 'vitest'
import type { Vault } from '../vault/face.ts'
import { createMemoryVault } from '../vault/memory-vault.ts'
import { createVaultStore, type VaultStore } from './vault-store.ts'

let vault: Vault
let nowMs: number
let store: VaultStore<{ subject: string }>
beforeEach(() => {
  vault = createMemoryVault()
  nowMs = 1000
  store = createVaultStore(vault.collection('codes'), () => nowMs)
})

test('what is added is there until its time, and is taken once, also by two at the same time', async () => {
  expect(await store.add('one', { subject: 'chan' }, 2000)).toBe(true)
  expect(await store.add('one', { subject: 'lei' }, 2000)).toBe(false)
  expect(await store.get('one')).toEqual({ subject: 'chan' })
  const taken = await Promise.all([store.take('one'), store.take('one')])
  expect(taken.filter((each) => each !== undefined)).toEqual([{ value: { subject: 'chan' }, untilMs: 2000 }])
  expect(await store.get('one')).toBeUndefined()
  // A code is put back where the number typed with it was wrong.
  expect(await store.add('one', { subject: 'chan' }, 2000)).toBe(true)
  expect(await store.get('one')).toEqual({ subject: 'chan' })
})

test('what is past its time is not there, and can be replaced', async () => {
  await store.add('one', { subject: 'chan' }, 2000)
  nowMs = 2000
  expect(await store.get('one')).toBeUndefined()
  expect(await store.take('one')).toBeUndefined()
  expect(await store.add('one', { subject: 'lei' }, 3000)).toBe(true)
})

test('a process that begins anew finds what the last one kept; a sweep leaves what still counts', async () => {
  await store.add('kept', { subject: 'chan' }, 9000)
  await store.add('taken', { subject: 'lei' }, 9000)
  await store.add('old', { subject: 'ho' }, 1500)
  await store.take('taken')
  nowMs = 2000
  const again = createVaultStore<{ subject: string }>(vault.collection('codes'), () => nowMs)
  await again.sweep()
  expect(await again.get('kept')).toEqual({ subject: 'chan' })
  expect(await vault.collection('codes').count()).toBe(1)
})
