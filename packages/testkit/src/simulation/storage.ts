/** What a simulated member keeps its books on, and what outlives its process. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BlockToStore, type Store, StoreFull } from '@chengxin/ledger/storage/face'
import { openStore } from '@chengxin/ledger/storage/store'
import {
  CrashStore,
  copyOf,
  type Disk,
  emptyDisk,
  ProcessEnded,
  type SimulatedStore,
  type StorePlan,
} from './crash-store.ts'

export interface Storage {
  /** For the process that is to be opened or is running. */
  readonly plan: StorePlan
  /** Blocks that exist, genesis included. */
  committed(): number
  /** A committed block as execution made it; nothing where it is not known here any more, or never was. */
  made(height: number): BlockToStore | undefined
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
    made: (height) => {
      const block = height < disk.committed ? disk.log[height] : undefined
      return block === 'torn' ? undefined : block
    },
    open: () => {
      atOpen(disk)
      store = new CrashStore(disk, plan)
      return store
    },
    end: () => store?.close(),
    remove: () => {},
  }
}

/** A directory of its own, in memory where there is such a place. */
export function newDirectory(): string {
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  return mkdtempSync(join(place, 'chengxin-simulation-'))
}

/**
 * The real store in a directory, which is removed with it, or the folder around it. A process ends around its commit
 * here; tests with real processes end it inside. `committed` blocks are there already, which a snapshot has brought.
 */
export function realStorage(directory = newDirectory(), committed = 0, home = directory): Storage {
  const plan: StorePlan = { dieAt: undefined, full: 0 }
  const made = new Map<number, BlockToStore>()
  let store: Store | undefined
  const end = () => {
    store?.close()
    store = undefined
  }
  return {
    plan,
    committed: () => committed,
    made: (height) => made.get(height),
    open: () => {
      end()
      const opened = openStore(directory, { createFresh: committed === 0 })
      store = opened
      return dyingStore(opened, plan, (block) => {
        committed++
        made.set(block.head.height, copyOf(block))
      })
    },
    end,
    remove: () => {
      end()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function dyingStore(store: Store, plan: StorePlan, onCommit: (block: BlockToStore) => void): Store {
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
      onCommit(block)
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
