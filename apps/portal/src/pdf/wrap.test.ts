import { expect, test } from 'vitest'
import { wrap } from './wrap.ts'

/** A letter of ours is one wide, one of Chinese two. */
const widthOf = (text: string) => [...text].reduce((sum, letter) => sum + (/\p{Script=Han}/u.test(letter) ? 2 : 1), 0)

test.each<[string, string, number, readonly string[]]>([
  ['what fits', 'Degree in law', 20, ['Degree in law']],
  ['nothing', '', 20, ['']],
  ['between words', 'Direcção dos Serviços de Identificação', 20, ['Direcção dos', 'Serviços de', 'Identificação']],
  ['between characters', '身份證明局發出', 8, ['身份證明', '局發出']],
  ['a full stop stays with its character', '這是副本。', 8, ['這是副', '本。']],
  ['a quotation mark stays with what it opens', '他說「好」', 6, ['他說', '「好」']],
  ['inside a word only where it must be', 'DL-204-118-000-222 B', 8, ['DL-204-1', '18-000-2', '22 B']],
  ['mixed', '學位 Degree 證書', 8, ['學位', 'Degree', '證書']],
])('%s', (_case, text, width, lines) => {
  expect(wrap(text, width, widthOf)).toEqual(lines)
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
})
