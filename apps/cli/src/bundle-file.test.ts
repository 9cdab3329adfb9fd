import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBundle } from '@chengxin/audit'
import { scene } from '@chengxin/testkit/certificate-scene'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rememberBundle, rememberedPins } from './bundle-file.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chengxin-pins-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('a group that only a bundle has named stays one until somebody names it', async () => {
  const { bundle, city } = scene()
  const file = join(directory, 'pins.json')
  const isPinned = async (named?: string) => {
    const pins = await rememberedPins(bundle, file, named)
    const opened = await openBundle(bundle, { pins })
    await rememberBundle(bundle, pins, file)
    return 'isPinned' in opened && opened.isPinned
  }
  expect(await isPinned()).toBe(false)
  expect(await isPinned()).toBe(false)
  expect(await rememberedPins(bundle, file, undefined)).toMatchObject({ newest: { sequence: 7 } })
  expect(await isPinned(city.group)).toBe(true)
  expect(await isPinned()).toBe(true)
})
