/** Every command's help ends with something to copy. */
import type { Command } from 'commander'

export function example(command: Command, ...lines: readonly string[]): void {
  const title = lines.length === 1 ? 'Example:' : 'Examples:'
  command.addHelpText('after', `\n${title}\n${lines.map((line) => `  $ ${line}`).join('\n')}`)
}
