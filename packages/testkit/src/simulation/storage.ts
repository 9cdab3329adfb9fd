/** What a simulated member keeps its books on, and what outlives its process. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Store, StoreFull } from '@chengxin/ledger/storage/face'
import { openStore } from '@chengxin/ledger/storage/store'
import { CrashStore, type Disk, emptyDisk, ProcessEnded, type SimulatedStore, type StorePlan } from './crash-store.ts'

export interface Storage {
  /** For the process that is to be opened or is running. */
  readonly plan: StorePlan
  /** Blocks that exist, genesis included. */
  committed(): number
  /** Opens what is there, as a new process does. */
  open(): SimulatedStore
  /** Drops what is only in memory. */
  end(): void
  remove(): void
}

/** `atOpen` may spoil the disk before a process opens it. */
export function memoryStorage(atOpen: (disk: Disk) => void = () => {}): Storage {
  const disk: Disk = emptyDisk()
  const plan: StorePlan = { dieAt: undefined, full: 0 }
  let store: SimulatedStore | undefined
  return {
    plan,
    committed: () => disk.committed,
    open: () => {
      atOpen(disk)
      store = new CrashStore(disk, plan)
      return store
    },
    end: () => store?.close(),
    remove: () => {},
  }
}

/** The real store in a directory of its own. A process ends around its commit here; tests with real processes end it inside. */
export function realStorage(): Storage {
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const directory = mkdtempSync(join(place, 'chengxin-simulation-'))
  const plan: StorePlan = { dieAt: undefined, full: 0 }
  let committed = 0
  let store: Store | undefined
  const end = () => {
    store?.close()
    store = undefined
  }
  return {
    plan,
    committed: () => committed,
    open: () => {
      end()
      const opened = openStore(directory, { createFresh: true })
      store = opened
      return dyingStore(opened, plan, () => {
        committed++
      })
    },
    end,
    remove: () => {
      end()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function dyingStore(store: Store, plan: StorePlan, onCommit: () => void): Store {
  const dieIf = (dies: boolean, sentence: string) => {
    if (dies) throw new ProcessEnded(sentence)
  }
  const replaced: Partial<Store> = {
    rootAfter: (leafHashes) => {
      dieIf(plan.dieAt === 'in_finalize', 'in finalize')
      return store.rootAfter(leafHashes)
    },
    commit: (block) => {
      if (plan.full > 0) {
        plan.full--
        throw new StoreFull('There is no room.')
      }
      dieIf(plan.dieAt !== undefined && plan.dieAt !== 'after_commit_point', 'before commit')
      store.commit(block)
      onCommit()
      dieIf(plan.dieAt === 'after_commit_point', 'after commit')
    },
  }
  return new Proxy(store, {
    get: (target, name) => {
      const own = (replaced as Record<PropertyKey, unknown>)[name] ?? (Reflect.get(target, name, target) as unknown)
      return typeof own === 'function' ? own.bind(target) : own
    },
  })
}
