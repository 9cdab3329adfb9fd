/** Files that nobody foresaw: whatever is done to a good one, nothing is thrown and nothing that was not signed passes. */
import { isRefusal, type JsonObject } from '@chengxin/kernel'
import { claims, nowMs, scene } from '@chengxin/testkit/certificate-scene'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditFile } from './audit-file.ts'
import { webPlatform } from './platform.ts'
import { openReceipt } from './receipt.ts'
import { openBundle, type TrustBundle } from './trust-bundle.ts'

const { text, texts, bundle, pins, city } = scene()
const opened = (await openBundle(bundle, { pins })) as TrustBundle

/** One change of a text: a part of it replaced, taken out, doubled or put elsewhere. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 0, max: 40 }),
  put: fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom('~', '.', '=', '"', '{', '[', '\u0000', 'A', '_', '-', '\n', 'ー'),
  ),
  kind: fc.constantFrom('replace', 'double', 'move'),
})
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never

function edited(original: string, { at, length, put, kind }: Edit): string {
  const start = Math.floor(at * original.length)
  const part = original.slice(start, start + length)
  if (kind === 'double') return original.slice(0, start) + part + original.slice(start)
  if (kind === 'move') return part + original.slice(0, start) + original.slice(start + length)
  return original.slice(0, start) + put + original.slice(start + length)
}

const edits = fc.array(edit, { minLength: 1, maxLength: 3 })
const apply = (original: string, changes: readonly Edit[]) => changes.reduce(edited, original)

/** Fields that were withheld are missing; none has another value. */
function isPartOf(shown: JsonObject | undefined, whole: JsonObject): boolean {
  return Object.entries(shown ?? {}).every(([name, value]) => whole[name] === value)
}

test('an edited certificate', async () => {
  await fc.assert(
    fc.asyncProperty(edits, async (changes) => {
      const { verdict, certificate } = await auditFile(apply(text, changes), { bundle: opened, nowMs })
      if (verdict === 'valid') expect(isPartOf(certificate?.claims, claims)).toBe(true)
    }),
    { numRuns: 600 },
  )
})

test('a certificate put together from parts of others, in any order', async () => {
  const parts = texts.flatMap((each) => each.split('~')).filter((part) => part !== '')
  const mixed = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(mixed, fc.constantFrom('~', ''), async (chosen, end) => {
      const { verdict, checks } = await auditFile(chosen.join('~') + end, { bundle: opened, nowMs })
      const anchor = checks.find(({ name }) => name === 'anchor')
      if (verdict === 'valid') expect(anchor?.result).toBe('pass')
    }),
    { numRuns: 300 },
  )
})

test('an edited trust bundle', async () => {
  await fc.assert(
    fc.asyncProperty(edits, async (changes) => {
      const changed = apply(bundle, changes)
      const { verdict } = await auditFile(text, { bundle: changed, pins, nowMs })
      if (changed.trim() !== bundle) expect(verdict).toBe('undecided')
    }),
    { numRuns: 200 },
  )
})

test('an edited receipt', () => {
  const receipt = city.log.receipt(3)
  const original = openReceipt(webPlatform, receipt, opened.policy)
  if (isRefusal(original)) throw new Error(original.refused)
  fc.assert(
    fc.property(edits, (changes) => {
      const answer = openReceipt(webPlatform, apply(receipt, changes), opened.policy)
      if (!isRefusal(answer)) expect(answer.transaction.id).toBe(original.transaction.id)
    }),
    { numRuns: 200 },
  )
})
