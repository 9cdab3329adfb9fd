import { parseArgs } from 'node:util'
import { expect, test } from 'vitest'
import { withDashedIds } from './dashed-values.ts'

const dashed = '-aNlfHUgGeDNhUQWGDgj8TvwaEPc1OuV4vRz0-zVRhA'
const options = { group: { type: 'string' }, json: { type: 'boolean' } } as const

test('a group whose id begins with a dash can be named', () => {
  const args = ['--group', dashed, 'offer.json', '--json']
  expect(() => parseArgs({ args, options, allowPositionals: true })).toThrow('ambiguous')
  const { values, positionals } = parseArgs({ args: [...withDashedIds(args)], options, allowPositionals: true })
  expect({ ...values }).toEqual({ group: dashed, json: true })
  expect(positionals).toEqual(['offer.json'])
})

test('everything else stays as it was typed', () => {
  const args = [`--group=${dashed}`, '--group', 'a', '--json', '-x', dashed.slice(1), dashed.slice(0, -1)]
  expect(withDashedIds(args)).toEqual(args)
})
