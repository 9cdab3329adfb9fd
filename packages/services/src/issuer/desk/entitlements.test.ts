import { expectOk, type Json } from '@chengxin/kernel'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Collection, Vault } from '../../vault/face.ts'
import { createMemoryVault } from '../../vault/memory-vault.ts'
import { differencesOf, type EntitlementBook, openEntitlements } from './entitlements.ts'
import { graduationFields } from './graduation-fields.ts'
import { type ImportBook, openImports } from './imports.ts'
import type { RegisterRow } from './read-register.ts'

const typeId = 'type_graduation-v1'
const row = (line: number, documentNumber: string): RegisterRow => ({
  line,
  claims: { name_latin: 'Chan Tai Man' },
  documentType: 'resident_card',
  documentNumber,
})

describe('entitlements', () => {
  let vault: Vault
  let book: EntitlementBook
  beforeEach(async () => {
    vault = createMemoryVault()
    book = await openEntitlements(vault, 'university', Date.now)
  })

  test('are found by document, however its number is spelled, and by no other', async () => {
    expect(await book.make('import_one', typeId, [row(2, '1234567(8)'), row(3, '7654321(0)')])).toBe(2)
    const [found] = await book.findFor('resident_card', '12345678')
    expect(found?.entitlement).toMatchObject({ typeId, line: 2, state: 'open' })
    expect(await book.findFor('passport', '12345678')).toEqual([])
    expect(await book.findFor('resident_card', '1234567')).toEqual([])
  })

  test('say nothing of the document: neither the number nor a hash that could be tried out without the secret', async () => {
    await book.make('import_one', typeId, [row(2, '12345678')])
    const [found] = await book.findFor('resident_card', '12345678')
    const other = await openEntitlements(createMemoryVault(), 'university', Date.now)
    await other.make('import_one', typeId, [row(2, '12345678')])
    const [elsewhere] = await other.findFor('resident_card', '12345678')
    expect(JSON.stringify(found)).not.toContain('12345678')
    expect(found?.entitlementId).not.toBe(elsewhere?.entitlementId)
  })

  test('made twice are there once; claimed or withdrawn once', async () => {
    const rows = [row(2, '12345678'), row(3, '12345678')]
    expect(await book.make('import_one', typeId, rows)).toBe(2)
    expect(await book.make('import_one', typeId, rows)).toBe(0)
    const [first, second] = await book.findFor('resident_card', '12345678')
    expect(await book.claim(first?.entitlementId ?? '')).toBe(true)
    expect(await book.claim(first?.entitlementId ?? '')).toBe(false)
    expect(await book.withdraw(first?.entitlementId ?? '')).toBe(false)
    expect(await book.withdraw(second?.entitlementId ?? '')).toBe(true)
    expect([await book.count(typeId, 'open'), await book.count(typeId, 'claimed')]).toEqual([0, 1])
    expect(await book.findFor('resident_card', '12345678')).toHaveLength(2)
  })
})

describe('whether a person is the one of an entitlement', () => {
  const claims = { name_zh: '陳大文', name_latin: 'Chan Tai-Man', birth_date: '2001-02-03' }
  const identity = {
    familyName: 'CHAN',
    givenName: 'TAI MAN',
    birthDate: '2001-02-03',
    documentType: 'resident_card',
    documentNumber: '12345678',
  }

  test.each<[string, object, object, readonly string[]]>([
    ['the same, spelled by another office', {}, {}, []],
    ['by the Chinese name', {}, { familyName: '陳', givenName: '大文' }, []],
    ['given name first', { name_zh: '', name_latin: 'Tai Man Chan' }, {}, []],
    ['with marks on letters', { name_zh: '', name_latin: 'JOSÉ SÃO' }, { familyName: 'Sao', givenName: 'Jose' }, []],
    ['another name', {}, { givenName: 'SIU MAN' }, ['name']],
    ['another day of birth', {}, { birthDate: '2001-03-02' }, ['birth_date']],
    ['another person with the number', {}, { familyName: 'LEI', birthDate: '1990-01-01' }, ['name', 'birth_date']],
  ])('%s', (_case, claimsChange, identityChange, differs) => {
    const changed = Object.fromEntries(
      Object.entries({ ...claims, ...claimsChange }).filter(([, value]) => value !== ''),
    )
    expect(differencesOf(changed, graduationFields, { ...identity, ...identityChange })).toEqual(differs)
  })
})

describe('registers', () => {
  const fields = graduationFields.filter(({ name }) => name === 'name_latin')
  const mapping = {
    columns: { name_latin: 'name' },
    documentNumber: 'no',
    documentType: { always: 'resident_card' as const },
  }
  const csv = (rows: number) =>
    new TextEncoder().encode(
      `no,name\n${Array.from({ length: rows }, (_, i) => `${10_000_000 + i},Person ${i}`).join('\n')}\n`,
    )

  async function open(vault: Vault): Promise<{ imports: ImportBook; book: EntitlementBook }> {
    const book = await openEntitlements(vault, 'university', Date.now)
    const imports = await openImports({
      ...{ office: 'university', vault, entitlements: book, nowMs: Date.now, failed: () => {} },
      fieldsOf: async () => fields,
    })
    return { imports, book }
  }

  test('make nothing while a row has a fault, unless it is left out', async () => {
    const { imports, book } = await open(createMemoryVault())
    const bytes = new TextEncoder().encode('no,name\n12345678,Ana\n12345679,\n')
    const taken = await imports.take(typeId, bytes)
    if (!('importId' in taken)) throw new Error('The file was not taken.')
    const { importId } = taken
    const wish = { mapping, leftOut: [], startedBy: 'account_one' }
    expect(await imports.check(importId, wish)).toEqual({
      ...{ rows: 2, good: 1, leftOut: 0 },
      faults: [{ code: 'value_missing', line: 3, column: 'name' }],
    })
    expect(await imports.start(importId, wish)).toEqual({ refused: 'import_has_faults' })
    expect(await book.count(typeId, 'open')).toBe(0)
    expect(await imports.start(importId, { ...wish, leftOut: [2, 3] })).toEqual({ refused: 'import_has_no_rows' })
    const jobId = await imports.start(importId, { ...wish, leftOut: [3] })
    await imports.settled()
    expect(await imports.job(expectOk(jobId))).toMatchObject({ state: 'done', done: 1, of: 1 })
    expect(await book.count(typeId, 'open')).toBe(1)
    expect(await imports.check(importId, wish)).toEqual({ refused: 'import_not_found' })
  })

  test('killed at any thousand and opened again: every row once, none missing', async () => {
    for (const at of [0, 1, 700, 1100, 2400]) {
      const vault = createMemoryVault()
      const { imports } = await open(breakingAfter(vault, at))
      const taken = await imports.take(typeId, csv(2500))
      if (!('importId' in taken)) throw new Error('The file was not taken.')
      const jobId = await imports.start(taken.importId, { mapping, leftOut: [], startedBy: 'account_one' })
      await imports.settled()
      expect(await imports.job(expectOk(jobId))).toMatchObject({ state: 'running' })
      const again = await open(vault)
      await again.imports.settled()
      expect(await again.imports.job(expectOk(jobId))).toMatchObject({ state: 'done', done: 2500 })
      expect(await again.book.count(typeId, 'open')).toBe(2500)
    }
  })
})

/** A vault in which only so many entitlements can be written: then the process is gone. */
function breakingAfter(vault: Vault, most: number): Vault {
  let written = 0
  return {
    collection<T extends Json>(name: string): Collection<T> {
      const records = vault.collection<T>(name)
      if (!name.endsWith('-entitlements')) return records
      return {
        ...records,
        insert: async (...call) => {
          if (written++ >= most) throw new Error('The process was killed.')
          return records.insert(...call)
        },
      }
    },
    close: () => vault.close(),
  }
}
