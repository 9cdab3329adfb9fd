import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keptInFile } from './kept-file.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kept-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('a record is there after it was saved, for its owner alone, and nothing beside it', async () => {
  const kept = keptInFile<{ n: number }>(join(directory, 'deep', 'record.json'))
  expect(await kept.load()).toBeUndefined()
  await kept.save({ n: 1 })
  await kept.save({ n: 2 })
  expect(await kept.load()).toEqual({ n: 2 })
  expect((await stat(join(directory, 'deep', 'record.json'))).mode & 0o777).toBe(0o600)
  expect(await readdir(join(directory, 'deep'))).toEqual(['record.json'])
  await kept.erase()
  await kept.erase()
  expect(await readdir(join(directory, 'deep'))).toEqual([])
  expect(await kept.load()).toBeUndefined()
})

test('what a crash left half written does not count', async () => {
  const path = join(directory, 'torn.json')
  const kept = keptInFile<{ n: number }>(path)
  await kept.save({ n: 1 })
  await writeFile(`${path}.new`, '{"n":')
  expect(await keptInFile<{ n: number }>(path).load()).toEqual({ n: 1 })
  await kept.save({ n: 2 })
  expect(await kept.load()).toEqual({ n: 2 })
})
