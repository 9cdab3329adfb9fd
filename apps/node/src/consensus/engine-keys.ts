/**
 * The two keys of a member's engine, kept with its other keys: one signs votes, one proves to peers who is connecting. The
 * engine has its own copy in its home, readable to its owner alone, because it cannot read ours.
 */
import type { EngineKeys } from '@chengxin/ledger'
import { openOrMakeKey } from '../member-keys.ts'

export async function openEngineKeys(directory: string, passphrase: string | undefined): Promise<EngineKeys> {
  const [validator, node] = [
    await openOrMakeKey(directory, 'validator', passphrase),
    await openOrMakeKey(directory, 'engine', passphrase),
  ]
  if (validator.crv !== 'Ed25519' || node.crv !== 'Ed25519') throw new Error('Keys of an engine are Ed25519 keys.')
  return { validator, node }
}
