/**
 * Ids of transactions and groups are base64url, so one in sixty-four begins with a dash and looks like an option. A command line is
 * put in the order in which it says what its writer meant: such an id that no option waits for goes behind `--`.
 */
import { isHash } from '@chengxin/kernel'
import type { Command } from 'commander'

/** The same words; ids that begin with a dash and stand alone come last, behind `--`. */
export function withDashedIds(program: Command, words: readonly string[]): readonly string[] {
  const end = words.indexOf('--')
  const readable = end === -1 ? words : words.slice(0, end)
  const waiting = namesWithValue(program)
  const isAlone = (word: string, index: number) =>
    word.startsWith('-') && isHash(word) && !waiting.has(readable[index - 1] ?? '')
  const ids = readable.filter(isAlone)
  if (ids.length === 0) return words
  const others = readable.filter((word, index) => !isAlone(word, index))
  return [...others, '--', ...ids, ...words.slice(readable.length + 1)]
}

/** The options, of this command and all below it, that take the word after them. */
function namesWithValue(command: Command): Set<string> {
  const own = command.options
    .filter(({ required, optional }) => required || optional)
    .flatMap(({ long, short }) => [long, short])
  const names = new Set(own.filter((name) => name !== undefined && name !== null))
  for (const child of command.commands) for (const name of namesWithValue(child)) names.add(name)
  return names
}
