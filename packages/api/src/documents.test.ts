import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256Text } from '@chengxin/testkit/api-scene'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDocumentStore, type DocumentStoreOptions } from './documents.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chengxin-documents-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const newStore = (change: Partial<DocumentStoreOptions> = {}) =>
  createDocumentStore({ directory, isAnchored: async () => true, acceptBundle: async () => undefined, ...change })
const document = (text: string) => ({ mediaType: 'text/plain', bytes: new TextEncoder().encode(text) })

test('what was kept is there for the next program, with its media type', async () => {
  expect(await newStore().put('group', sha256Text('a'), document('a'))).toBeUndefined()
  expect(await newStore().get('group', sha256Text('a'))).toEqual(document('a'))
  expect(await newStore().get('other', sha256Text('a'))).toBeUndefined()
})

test('a half-written file is no document, and a flipped byte is never served', async () => {
  mkdirSync(join(directory, 'group'))
  writeFileSync(join(directory, 'group', `${sha256Text('b')}.txt.00.part`), 'b')
  writeFileSync(join(directory, 'group', `${sha256Text('c')}.txt`), 'C')
  const store = newStore()
  expect(await store.get('group', sha256Text('b'))).toBeUndefined()
  expect(await store.get('group', sha256Text('c'))).toEqual({ refused: 'document_damaged' })
  expect(await store.get('group', sha256Text('c'))).toEqual({ refused: 'document_damaged' })
  await store.put('group', sha256Text('c'), document('c'))
  expect(await store.get('group', sha256Text('c'))).toEqual(document('c'))
})

test('there are so many documents and no more, however they race', async () => {
  const store = newStore({ limitDocuments: 3 })
  const puts = await Promise.all(
    ['1', '2', '3', '4', '5'].map((text) => store.put('group', sha256Text(text), document(text))),
  )
  expect(puts).toEqual([
    undefined,
    undefined,
    undefined,
    { refused: 'document_store_full' },
    { refused: 'document_store_full' },
  ])
  expect(readdirSync(join(directory, 'group'))).toHaveLength(3)
})

test('refusals in their order', async () => {
  const store = newStore({ isAnchored: async () => false })
  const wrong = { mediaType: 'image/svg+xml', bytes: document('x').bytes }
  expect(await store.put('group', sha256Text('y'), wrong)).toEqual({ refused: 'media_type_not_supported' })
  expect(await store.put('group', sha256Text('y'), document('x'))).toEqual({ refused: 'document_hash_differs' })
  expect(await store.put('group', sha256Text('x'), document('x'))).toEqual({ refused: 'document_not_anchored' })
})

test('the bundle held is what the next is judged against', async () => {
  const judged: (string | undefined)[] = []
  const store = newStore({
    acceptBundle: async (_group, text, held) => {
      judged.push(held)
      return text === 'bad' ? { refused: 'bundle_malformed' } : undefined
    },
  })
  await Promise.all(['one', 'bad', 'two'].map((text) => store.putTrustBundle('group', text)))
  expect(judged).toEqual([undefined, 'one', 'one'])
  expect(await store.trustBundle('group')).toBe('two')
})
