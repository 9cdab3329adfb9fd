/**
 * Ends a process at a file operation. What makes a store from a snapshot goes through `node:fs`, whose functions are
 * replaced for the time of one call: nothing in the ledger has to know of it. Once ended, a process changes no file any
 * more, so that whatever clears up while the error unwinds cannot do what a killed process could not.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { ProcessEnded } from './crash-store.ts'

type Operation = 'mkdirSync' | 'writeFileSync' | 'writeSync' | 'fdatasyncSync' | 'fsyncSync' | 'rmSync' | 'renameSync'
const operations: readonly Operation[] = [
  'mkdirSync',
  'writeFileSync',
  'writeSync',
  'fdatasyncSync',
  'fsyncSync',
  'rmSync',
  'renameSync',
]

/** Every kind of change on the way from the first chunk to a store in its place: operation and end of its last path. */
const moments = {
  making: ['mkdirSync', '/state/recent'],
  in_chunk: ['writeFileSync', '.chunk'],
  in_log: ['writeSync', ''],
  flushing_log: ['fdatasyncSync', ''],
  clearing: ['rmSync', '/chunks'],
  flushing: ['fsyncSync', ''],
  moving_log: ['renameSync', '/log'],
  moving_tiles: ['renameSync', '/tiles'],
  moving_state: ['renameSync', '/state'],
  leaving: ['rmSync', '.restoring'],
} as const satisfies { readonly [moment: string]: readonly [Operation, string] }

export type FileMoment = keyof typeof moments
export const fileMoments = Object.keys(moments) as readonly FileMoment[]

/** What is to happen to the files during a call: the process ends there, or there is no room for a chunk. */
export type FilePlan = FileMoment | 'no_room'

/** Whether what was planned came to pass, beside what the call returned. Throws `ProcessEnded` where it was an end. */
export function withFiles<T>(plan: FilePlan | undefined, call: () => T): { readonly value: T; readonly met: boolean } {
  if (plan === undefined) return { value: call(), met: false }
  const [at, ending] = moments[plan === 'no_room' ? 'in_chunk' : plan]
  const state = { met: false }
  const real = new Map(operations.map((name) => [name, fs[name]]))
  for (const name of operations) {
    const run = fs[name] as (...args: unknown[]) => unknown
    const replaced = (...args: unknown[]): unknown => {
      if (state.met && plan !== 'no_room') throw new ProcessEnded(plan)
      if (state.met || name !== at || !endsSo(name, args, ending)) return run(...args)
      state.met = true
      if (plan === 'no_room') throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      // A file may be written in part.
      if (name === 'writeFileSync')
        run(args[0], (args[1] as Uint8Array).subarray(0, (args[1] as Uint8Array).length >> 1))
      throw new ProcessEnded(plan)
    }
    Object.assign(fs, { [name]: replaced })
  }
  syncBuiltinESMExports()
  try {
    const value = call()
    if (state.met && plan !== 'no_room') throw new ProcessEnded(plan)
    return { value, met: state.met }
  } finally {
    for (const [name, run] of real) Object.assign(fs, { [name]: run })
    syncBuiltinESMExports()
  }
}

function endsSo(name: Operation, args: readonly unknown[], ending: string): boolean {
  const path = name === 'renameSync' ? args[1] : args[0]
  return ending === '' || (typeof path === 'string' && path.endsWith(ending))
}
