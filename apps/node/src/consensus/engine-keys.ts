/**
 * The two keys of a member's engine, kept with its other keys: one signs votes, one proves to peers who is connecting. The
 * engine has its own copy in its home, readable to its owner alone, because it cannot read ours.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { EngineKeys } from '@chengxin/ledger'
import { KeystoreFault, openOrMakeKey } from '../member-keys.ts'

/** What the voting key is called that a member is founded with. */
export const engineKeyName = 'validator'

/** `validatorName` is that of a voting key that replaced the first; such a key is there already, or something is wrong. */
export async function openEngineKeys(
  directory: string,
  passphrase: string | undefined,
  validatorName = engineKeyName,
): Promise<EngineKeys> {
  if (validatorName !== engineKeyName && !existsSync(join(directory, `${validatorName}.json`))) {
    throw new KeystoreFault(`The voting key ${validatorName}, which ordering.json names, is not in ${directory}.`)
  }
  const [validator, node] = [
    await openOrMakeKey(directory, validatorName, passphrase),
    await openOrMakeKey(directory, 'engine', passphrase),
  ]
  if (validator.crv !== 'Ed25519' || node.crv !== 'Ed25519') throw new Error('Keys of an engine are Ed25519 keys.')
  return { validator, node }
}
