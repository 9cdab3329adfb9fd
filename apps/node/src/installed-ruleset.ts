/** The rules that this program carries: the bundle that lies beside it, held to the hash that was written with it. */
import { readFile } from 'node:fs/promises'
import { sha256 } from '@chengxin/crypto/node'
import { type Hash, toBase64url, toUtf8 } from '@chengxin/kernel'

export interface InstalledRuleset {
  readonly version: string
  readonly hash: Hash
  /** Changes whenever the same events could become other lists. */
  readonly presentation: string
  /** The script whose SHA-256 is the hash. */
  readonly text: string
}

export class RulesetFault extends Error {
  override readonly name = 'RulesetFault'
}

/** `home`: the folder of the built program. */
export async function readInstalledRuleset(home: URL): Promise<InstalledRuleset> {
  const [text, facts] = await Promise.all([
    readFile(new URL('ruleset.js', home), 'utf8'),
    readFile(new URL('ruleset.json', home), 'utf8'),
  ]).catch(() => {
    throw new RulesetFault('The rules are not built: run npm run build.')
  })
  const { version, hash, presentation } = JSON.parse(facts) as Omit<InstalledRuleset, 'text'>
  if (toBase64url(sha256(toUtf8(text))) !== hash) {
    throw new RulesetFault('The built rules were changed after they were built: run npm run build again.')
  }
  return { version, hash, presentation, text }
}
