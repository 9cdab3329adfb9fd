/** Every refusal that is listed can happen, and a test of its domain shows how. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ruleset } from '@chengxin/domains/ruleset'
import { expect, test } from 'vitest'

const home = fileURLToPath(new URL('.', import.meta.url))

function textsOf(domain: string, isTest: boolean): string {
  return readdirSync(`${home}${domain}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'schema.ts' && file.endsWith('.test.ts') === isTest)
    .map((file) => readFileSync(`${home}${domain}/${file}`, 'utf8'))
    .join('\n')
}

test.each(ruleset.domains.map(({ name, refusals }) => [name, refusals] as const))('%s', (name, refusals) => {
  const rules = textsOf(name, false)
  const tests = textsOf(name, true)
  const used = new Set([...rules.matchAll(/refuse\(([^)]*)\)/g)].flatMap(([, codes]) => quotedIn(codes ?? '')))
  const expected = new Set(quotedIn(tests))
  expect(used.size).toBeGreaterThan(5)
  expect(Object.keys(refusals).filter((code) => !used.has(code))).toEqual([])
  expect([...used].filter((code) => !Object.hasOwn(refusals, code))).toEqual([])
  expect(Object.keys(refusals).filter((code) => !expected.has(code))).toEqual([])
})

function quotedIn(text: string): readonly string[] {
  return [...text.matchAll(/'([a-z][a-z0-9_]*)'/g)].map(([, word]) => word as string)
}
