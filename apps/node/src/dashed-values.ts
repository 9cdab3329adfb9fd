/**
 * Ids of groups are base64url, so one in sixty-four begins with a dash and Node's parser takes it for an option. None of our
 * options is spelled like a hash, so such a word belongs to the option before it.
 */
import { isHash } from '@chengxin/kernel'

/** The same words, with `--name -id` written as `--name=-id`. */
export function withDashedIds(words: readonly string[]): readonly string[] {
  const joined: string[] = []
  for (const word of words) {
    const before = joined.at(-1)
    const isValue = word.startsWith('-') && isHash(word) && before?.startsWith('--') === true && !before.includes('=')
    if (isValue) joined[joined.length - 1] = `${before}=${word}`
    else joined.push(word)
  }
  return joined
}
