import { describe, expect, test } from 'vitest'
import { shownType } from './claims.ts'

const content = {
  vct: 'https://city.example/degree',
  typeId: 'type_degree',
  display: {
    en: { name: 'Degree', claims: { gpa: 'Grade point average' } },
    'zh-Hans': { name: '学位证书', claims: { gpa: '平均绩点' } },
  },
  issuer: { stated: 'https://university.example' },
  claims: { gpa: '3.34', honours: null, degree: { code: 'PHD' }, name_latin: 'Cheang Ka Hou' },
  withheld: 2,
}

describe('shownType', () => {
  test('labels in the language asked for, names first', () => {
    expect(shownType(content, 'en')).toEqual({
      name: 'Degree',
      claims: [
        { field: 'name_latin', label: 'name_latin', value: 'Cheang Ka Hou' },
        { field: 'degree', label: 'degree', value: '{"code":"PHD"}' },
        { field: 'gpa', label: 'Grade point average', value: '3.34' },
        { field: 'honours', label: 'honours', value: 'null' },
      ],
    })
  })
  test('the other Chinese before English', () => {
    expect(shownType(content, 'zh-Hant').name).toBe('学位证书')
  })
  test('English before other languages for Portuguese readers', () => {
    expect(shownType(content, 'pt').name).toBe('Degree')
  })
  test('without a display the type and the fields name themselves', () => {
    const { display: _, ...bare } = content
    expect(shownType(bare, 'en').name).toBe('type_degree')
    expect(shownType(bare, 'en').claims.map(({ label }) => label)).toContain('gpa')
  })
  test('a display that is no object is not trusted to be one', () => {
    expect(shownType({ ...content, display: { ...content.display, en: 'Degree' } }, 'en').name).toBe('学位证书')
  })
})

describe('values that are codes', () => {
  const coded = {
    ...content,
    display: { en: { name: 'Degree', claims: {}, values: { degree: { PHD: 'Doctor of Philosophy' } } } },
    claims: { degree: 'PHD', document_type: 'passport', other: 'PHD', name: 'toString' },
  }
  const ofPortal = (field: string, code: string) => (code === 'passport' ? `${field}: Passport` : undefined)
  const shown = (content: Parameters<typeof shownType>[0]) =>
    Object.fromEntries(shownType(content, 'en', ofPortal).claims.map(({ field, value }) => [field, value]))

  test('have the words of the type, else those of the portal, else stand as they are', () => {
    expect(shown(coded)).toEqual({
      degree: 'Doctor of Philosophy',
      document_type: 'document_type: Passport',
      other: 'PHD',
      name: 'toString',
    })
  })
  test('the words of the type go before those of the portal', () => {
    const display = { en: { name: 'Degree', values: { document_type: { passport: 'Travel document' } } } }
    expect(shown({ ...coded, display })['document_type']).toBe('Travel document')
  })
  test.each([null, 'words', { degree: 'PHD' }, { degree: { PHD: 7 } }])('%j for words is no word', (values) => {
    expect(shown({ ...coded, display: { en: { name: 'Degree', values } } })['degree']).toBe('PHD')
  })
})
