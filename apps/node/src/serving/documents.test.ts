import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Actor, actor, startMs } from '@chengxin/testkit/certificate-city'
import { scene } from '@chengxin/testkit/certificate-scene'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDocuments } from './documents.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chengxin-documents-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('a trust bundle gives way to a newer one only, also when the committee is no longer the first', async () => {
  const { city } = scene()
  const fresh = ['a', 'b', 'c'].map((name) => actor(`fresh ${name}`))
  const committee = { keys: fresh.map(({ kid, jwk }) => ({ kid, jwk })), threshold: 2 }
  const founders = city.committee
  const store = openDocuments(directory, new Map())
  const offer = (sequence: number, signers: readonly Actor[], change: object = {}) => {
    const payload = { ...city.bundlePayload(), expiresAtMs: startMs + 10 ** 12, sequence, ...change }
    return store.putTrustBundle(city.group, city.signBundle(payload, signers))
  }

  expect(await offer(5, founders)).toBeUndefined()
  expect(await offer(5, founders)).toEqual({ refused: 'bundle_rolled_back' })
  expect(await offer(6, [...founders, ...fresh], { committee })).toBeUndefined()
  expect(await offer(7, fresh, { committee })).toBeUndefined()
  // From here on genesis knows none of those who signed what is held.
  expect(await offer(5, founders)).toEqual({ refused: 'bundle_threshold_not_met' })
  expect(await offer(6, [...founders, ...fresh], { committee })).toEqual({ refused: 'bundle_rolled_back' })
  expect(await offer(8, fresh, { committee })).toBeUndefined()
})
