import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { withDashedIds } from './dashed-words.ts'
import { createProgram } from './program.ts'

const dashed = '-aNlfHUgGeDNhUQWGDgj8TvwaEPc1OuV4vRz0-zVRhA'
const twice = '--lfHUgGeDNhUQWGDgj8TvwaEPc1OuV4vRz0-zVRhAA'

async function read(...words: readonly string[]) {
  const program = createProgram()
  let seen: unknown
  const receipt = find(program, 'log', 'receipt').action((id: string, options: object) => {
    seen = { id, ...options, ...program.opts() }
  })
  await program.parseAsync([...withDashedIds(program, words)], { from: 'user' })
  expect(receipt.args).toHaveLength(1)
  return seen
}

function find(command: Command, ...names: readonly string[]): Command {
  const [name, ...rest] = names
  const child = command.commands.find((one) => one.name() === name) as Command
  return rest.length === 0 ? child : find(child, ...rest)
}

test.each([dashed, twice])('an id that begins with a dash is an id: %s', async (id) => {
  const wanted = { id, out: 'receipt.cose', format: 'cose' }
  expect(await read('log', 'receipt', id, '--out', 'receipt.cose', '--format', 'cose')).toEqual(wanted)
  expect(await read('log', 'receipt', '--out', 'receipt.cose', id, '--format', 'cose')).toEqual(wanted)
  expect(await read('--json', 'log', 'receipt', '--format', 'cose', '--out=receipt.cose', '--', id)).toEqual({
    ...wanted,
    json: true,
  })
})

test('behind an option that takes a word it is that word', async () => {
  const id = dashed.replace('-', 'b')
  expect(await read('--group', dashed, 'log', 'receipt', id)).toEqual({ id, group: dashed, format: 'tlog-proof' })
  expect(await read('log', 'receipt', '--group', twice, dashed)).toEqual({
    id: dashed,
    group: twice,
    format: 'tlog-proof',
  })
})

test('behind a flag it stands alone', async () => {
  expect(await read('log', 'receipt', '--json', dashed)).toEqual({ id: dashed, json: true, format: 'tlog-proof' })
})

test('what only looks like it is left to the program', () => {
  const words = ['log', 'receipt', '-x', '--unknown', dashed.slice(0, -1)]
  expect(withDashedIds(createProgram(), words)).toEqual(words)
})
