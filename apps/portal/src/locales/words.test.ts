/** The four languages say the same things: same keys, same placeholders, nothing left empty or in the wrong script. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checkCodes, checkNames, nextSteps } from '@chengxin/audit'
import { ruleset } from '@chengxin/domains/ruleset'
import { admissionRefusals, nodeRefusals } from '@chengxin/module-kit'
import { describe, expect, test } from 'vitest'

const languages = ['en', 'pt', 'zh-Hans', 'zh-Hant'] as const
type Language = (typeof languages)[number]
const folder = fileURLToPath(new URL('.', import.meta.url))

function flat(value: unknown, path: string): (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value !== 'object' || value === null) throw new Error(`${path} is neither words nor a group of words.`)
  return Object.entries(value).flatMap(([name, member]) => flat(member, path === '' ? name : `${path}.${name}`))
}

function wordsOf(language: Language): Map<string, string> {
  const files = readdirSync(`${folder}${language}`).filter((name) => name.endsWith('.json'))
  return new Map(
    files.flatMap((name) => {
      const text = readFileSync(`${folder}${language}/${name}`, 'utf8')
      return flat(JSON.parse(text), name.replace('.json', ''))
    }),
  )
}

const words = new Map(languages.map((language) => [language, wordsOf(language)]))
const of = (language: Language) => words.get(language) as Map<string, string>
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').sort()

/** What is the same in every language: names, signs, and sentences made of placeholders alone. */
const neutral = (text: string) => !/\p{L}/u.test(text.replaceAll(/\{\{\w+\}\}|Chengxin|城信|DID/gu, ''))

describe.each(languages)('%s', (language) => {
  test('has the same keys as English', () => {
    expect([...of(language).keys()].sort()).toEqual([...of('en').keys()].sort())
  })
  test('has no empty words', () => {
    expect([...of(language)].filter(([, text]) => text.trim() === '' && text !== ' ')).toEqual([])
  })
  test('has the placeholders of English', () => {
    for (const [key, text] of of(language)) {
      expect([key, placeholders(text)]).toEqual([key, placeholders(of('en').get(key) ?? '')])
    }
  })
  test('uses no plural forms, which would differ in number between languages', () => {
    expect([...of(language).keys()].filter((key) => /_(zero|one|two|few|many|other)$/.test(key))).toEqual([])
  })
})

describe('script', () => {
  // Each pair is one character in the traditional and the simplified form.
  const pairs =
    '們们個个這这證证書书請请會会來来時时對对無无為为關关說说覽览總总權权員员機机構构規规則则據据檢检査查驗验簽签發发錨锚傳传區区塊块積积帳账戶户轉转從从網网絡络節节點点載载動动結结凍冻備备碼码號号錄录變变數数內内證证讀读閱阅寫写開开'
  const traditional = new Set([...pairs].filter((_, index) => index % 2 === 0))
  const simplified = new Set([...pairs].filter((_, index) => index % 2 === 1))
  // 查 is written so in both; it stands in the pairs only beside its old form.
  simplified.delete('查')

  test.each([
    ['zh-Hant', simplified],
    ['zh-Hans', traditional],
  ] as const)('%s has no characters of the other form', (language, foreign) => {
    const faults = [...of(language)].filter(
      ([key, text]) => !key.startsWith('shell.brand') && [...text].some((one) => foreign.has(one)),
    )
    expect(faults).toEqual([])
  })
  test.each(['zh-Hant', 'zh-Hans'] as const)('%s is translated throughout', (language) => {
    expect([...of(language)].filter(([, text]) => !neutral(text) && !/\p{Script=Han}/u.test(text))).toEqual([])
  })
  test('Portuguese is that of Portugal and Macau', () => {
    const brazilian = /\b(arquivo|senha|você|usuário|registro|deletar|baixar|tela|celular|cadastro)s?\b/i
    expect([...of('pt')].filter(([, text]) => brazilian.test(text))).toEqual([])
  })
  test('Portuguese is translated throughout', () => {
    const same = [...of('pt')].filter(
      ([key, text]) => !neutral(text) && text === of('en').get(key) && text.includes(' '),
    )
    expect(same).toEqual([])
  })
})

describe('every code that can be shown has words', () => {
  const known = of('en')
  const missing = (keys: readonly string[]) => keys.filter((key) => !known.has(key))

  test('refusals of the ledger and of the rules', () => {
    const codes = [admissionRefusals, nodeRefusals, ...ruleset.domains.map(({ refusals }) => refusals)].flatMap(
      (listed) => Object.keys(listed),
    )
    expect(codes.length).toBeGreaterThan(100)
    expect(missing(codes.map((code) => `codes.${code}`))).toEqual([])
  })
  test('checks of a certificate', () => {
    expect(missing(Object.keys(checkCodes).map((code) => `checks.${code}`))).toEqual([])
    expect(missing(checkNames.flatMap((name) => [`check.names.${name}`, `check.passed.${name}`]))).toEqual([])
    expect(missing(Object.keys(nextSteps).map((step) => `check.steps.${step}`))).toEqual([])
  })
  test('transactions and events', () => {
    for (const { name, verbs, events } of ruleset.domains) {
      const signed = verbs.filter(({ transaction }) => transaction.door === 'signed')
      expect(missing(signed.map(({ transaction }) => `activity.acts.${transaction.type}`))).toEqual([])
      expect(missing(Object.keys(events).map((type) => `activity.events.${name}.${type}`))).toEqual([])
    }
  })
})
