import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleHash, RulesetDamaged, RulesetMissing, readBundle, shelveRuleset } from './bundle-shelf.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chengxin-shelf-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const pathOf = (hash: string) => join(directory, 'rulesets', `${hash}.js`)

test('a bundle is kept under the hash of its bytes, beside those before it', () => {
  const hashes = ['globalThis.chengxinRuleset = 1', 'globalThis.chengxinRuleset = 2 // é'].map((bundle) =>
    shelveRuleset(directory, bundle),
  )
  expect(hashes).toEqual([
    bundleHash('globalThis.chengxinRuleset = 1'),
    bundleHash('globalThis.chengxinRuleset = 2 // é'),
  ])
  expect(hashes.map((hash) => readBundle(directory, hash))).toEqual([
    'globalThis.chengxinRuleset = 1',
    'globalThis.chengxinRuleset = 2 // é',
  ])
})

test('one that is missing or has changed is named, and putting it there again heals it', () => {
  const missing = bundleHash('never put there')
  expect(() => readBundle(directory, missing)).toThrow(RulesetMissing)
  expect(() => readBundle(directory, missing)).toThrow(missing)
  const hash = shelveRuleset(directory, 'globalThis.chengxinRuleset = 1')
  appendFileSync(pathOf(hash), ' ')
  expect(() => readBundle(directory, hash)).toThrow(RulesetDamaged)
  expect(() => readBundle(directory, hash)).toThrow(hash)
  shelveRuleset(directory, 'globalThis.chengxinRuleset = 1')
  expect(readBundle(directory, hash)).toBe('globalThis.chengxinRuleset = 1')
  expect(existsSync(`${pathOf(hash)}.tmp`)).toBe(false)
})
