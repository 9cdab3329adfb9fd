/** A vault whose process is killed: for tests of what is taken up again afterwards. */
import type { Json } from '@chengxin/kernel'
import type { Collection, Vault } from '../../packages/services/src/vault/face.ts'

/** A vault whose nth write breaks the process off: before it is done, or after. */
export function breakingVault(vault: Vault, at: number, when: 'before' | 'after'): Vault & { writes(): number } {
  let writes = 0
  const breaks = async <R>(write: () => Promise<R>): Promise<R> => {
    const isBroken = writes++ >= at
    if (isBroken && (when === 'before' || writes - 1 > at)) throw new Error('The process was killed.')
    const result = await write()
    if (isBroken) throw new Error('The process was killed.')
    return result
  }
  return {
    writes: () => writes,
    collection<T extends Json>(name: string): Collection<T> {
      const records = vault.collection<T>(name)
      return {
        ...records,
        insert: (...call) => breaks(() => records.insert(...call)),
        replace: (...call) => breaks(() => records.replace(...call)),
        erase: (...call) => breaks(() => records.erase(...call)),
      }
    },
    close: () => vault.close(),
  }
}

/** A vault that has no room for the write at which it is told to fail, and lives on. */
export function failingOnce(vault: Vault, fails: () => boolean): Vault {
  const write = <R>(work: () => Promise<R>): Promise<R> => (fails() ? Promise.reject(new Error('No room.')) : work())
  return {
    collection<T extends Json>(name: string): Collection<T> {
      const records = vault.collection<T>(name)
      return {
        ...records,
        insert: (...call) => write(() => records.insert(...call)),
        replace: (...call) => write(() => records.replace(...call)),
        erase: (...call) => write(() => records.erase(...call)),
      }
    },
    close: () => vault.close(),
  }
}
