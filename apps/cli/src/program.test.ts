import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from './program.ts'

function leaves(command: Command, path: string): [string, Command][] {
  if (command.commands.length === 0) return [[path, command]]
  return command.commands.flatMap((child) => leaves(child, `${path} ${child.name()}`))
}

const commands = leaves(createProgram(), 'chengxin')

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) })
  command.outputHelp()
  return text
}

test.each(commands)('%s: its help says what it does and ends with an example of itself', (path, command) => {
  expect(command.description()).not.toBe('')
  const help = helpOf(command)
  const [, examples] = help.split(/Examples?:\n/)
  // “audit certificate” is the default, and its examples show the short way.
  const shown = path.replace('audit certificate', 'audit')
  expect(examples).toContain(`$ ${shown}`)
})

test('every example is understood by the program it is an example of', async () => {
  for (const [path, command] of commands) {
    const lines =
      helpOf(command)
        .split(/Examples?:\n/)[1]
        ?.match(/(?<=\$ chengxin ).*/g) ?? []
    for (const line of lines) {
      const words = line.replace(/ > .*$/, '').match(/'[^']*'|\S+/g) ?? []
      const program = createProgram()
      let ran = ''
      for (const [name, leaf] of leaves(program, 'chengxin')) {
        leaf.action(() => {
          ran = name
        })
      }
      await program.parseAsync(
        words.map((word) => word.replace(/^'|'$/g, '')),
        { from: 'user' },
      )
      expect([line, ran]).toEqual([line, path])
    }
  }
})
