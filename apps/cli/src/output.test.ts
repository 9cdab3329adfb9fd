import { expect, test } from 'vitest'
import { createOutput } from './output.ts'

function written(
  options: { isJson?: boolean; noColor?: boolean; isTTY?: boolean },
  say: (output: ReturnType<typeof createOutput>) => void,
) {
  let text = ''
  const stream = { isTTY: options.isTTY ?? false, write: (part: string) => (text += part) }
  say(createOutput(stream, { isJson: options.isJson ?? false, noColor: options.noColor ?? false }))
  return text
}

test('facts are a line each for people, one object for programs', () => {
  const say = (output: ReturnType<typeof createOutput>) =>
    output.facts({ id: 'x', amount: 2n ** 60n, gone: undefined, list: ['a', 'b'] })
  expect(written({}, say)).toBe(`id      x\namount  ${2n ** 60n}\nlist    ["a","b"]\n`)
  expect(written({ isJson: true }, say)).toBe(`{"id":"x","amount":"${2n ** 60n}","list":["a","b"]}\n`)
})

test('tables align what is named, and programs get everything, a line a row', () => {
  const rows = [
    { name: 'a', height: 10, id: 'hidden' },
    { name: 'longer', height: 1, id: 'hidden' },
  ]
  expect(written({}, (output) => output.table(rows, ['name', 'height'], 'none'))).toBe(
    'name    height\na       10\nlonger  1\n',
  )
  expect(written({ isJson: true }, (output) => output.table(rows, ['name'], 'none')).split('\n')).toHaveLength(3)
  expect(written({}, (output) => output.table([], ['name'], 'none'))).toBe('none\n')
  expect(written({ isJson: true }, (output) => output.table([], ['name'], 'none'))).toBe('')
})

test('colour is for terminals alone, and for those who want it', () => {
  const say = (output: ReturnType<typeof createOutput>) => output.line(output.paint('good', 'ok'))
  expect(written({}, say)).toBe('ok\n')
  expect(written({ isTTY: true, noColor: true }, say)).toBe('ok\n')
  expect(written({ isTTY: true }, say)).toContain('\u001B[')
})
