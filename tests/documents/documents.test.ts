/**
 * Documents that list what the code defines are written from the code. `UPDATE_DOCUMENTS=1 npx vitest run --project
 * system tests/documents` writes them anew; without it a difference fails.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ruleset } from '@chengxin/domains/ruleset'
import { expect, test } from 'vitest'
import { home } from '../running-node.ts'
import { renderRows, rowsBegin, rowsEnd } from './data-page.ts'
import { refusalSources } from './refusal-sources.ts'
import { renderRefusals } from './refusals-page.ts'

const update = process.env['UPDATE_DOCUMENTS'] === '1'

function expectWritten(path: string, text: string): void {
  const file = join(home, path)
  if (update) writeFileSync(file, text)
  expect(readFileSync(file, 'utf8')).toBe(text)
}

test('docs/REFUSALS.md lists every refusal of the code, and no other', () => {
  expectWritten('docs/REFUSALS.md', renderRefusals(refusalSources))
})

test('docs/DATA.md lists every table of the rules, and no other', () => {
  const page = readFileSync(join(home, 'docs/DATA.md'), 'utf8')
  const before = page.slice(0, page.indexOf(rowsBegin))
  const after = page.slice(page.indexOf(rowsEnd) + rowsEnd.length)
  expect(before.length).toBeGreaterThan(0)
  expectWritten('docs/DATA.md', `${before}${renderRows(ruleset.domains)}${after}`)
})

test('a code means the same wherever it stands', () => {
  const seen = new Map<string, string>()
  for (const { title, refusals } of refusalSources) {
    for (const [code, meaning] of Object.entries(refusals)) {
      const before = seen.get(code)
      if (before !== undefined) expect(`${code}: ${meaning.join(' ')}`, title).toBe(before)
      seen.set(code, `${code}: ${meaning.join(' ')}`)
    }
  }
  expect(seen.size).toBeGreaterThan(100)
})

test('every code that rules and ledger refuse with is listed', () => {
  const listed = new Set(refusalSources.flatMap(({ refusals }) => Object.keys(refusals)))
  const used = ['packages/domains/src', 'packages/ledger/src'].flatMap(codesRefusedIn)
  expect(used.length).toBeGreaterThan(100)
  expect(used.filter(({ code }) => !listed.has(code))).toEqual([])
})

function codesRefusedIn(folder: string): { readonly code: string; readonly file: string }[] {
  return readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testing/'))
    .flatMap((file) => {
      const text = readFileSync(join(home, folder, file), 'utf8')
      return [...text.matchAll(/refuse\('([a-z0-9_]+)'\)/g)].map(([, code]) => ({ code: code as string, file }))
    })
}
