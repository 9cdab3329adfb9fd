import { describe, expect, test } from 'vitest'
import { languageFor, tagOf } from './languages.ts'

describe('languageFor', () => {
  test.each([
    [['zh-MO', 'pt'], 'zh-Hant'],
    [['zh-HK'], 'zh-Hant'],
    [['zh-TW'], 'zh-Hant'],
    [['zh-Hant-CN'], 'zh-Hant'],
    [['zh-Hans-HK'], 'zh-Hans'],
    [['zh-CN'], 'zh-Hans'],
    [['zh'], 'zh-Hans'],
    [['yue-HK'], 'zh-Hant'],
    [['pt-BR'], 'pt'],
    [['fr-FR', 'pt-PT', 'en'], 'pt'],
    [['fr-FR'], 'en'],
    [[], 'en'],
  ])('%j reads %s', (preferred, language) => {
    expect(languageFor(preferred)).toBe(language)
  })
})

test('dates and numbers follow the region the wording is written for', () => {
  expect(tagOf('zh-Hant')).toBe('zh-Hant-MO')
  expect(tagOf('pt')).toBe('pt-PT')
})
