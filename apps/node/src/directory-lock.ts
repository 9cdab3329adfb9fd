/**
 * One program a data directory. The lock is a file with the holder's process id and the time that process began: a
 * holder that was killed leaves its file behind, and another process may by then have its id, but not its beginning.
 */
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

interface Holder {
  readonly pid: number
  /** When the process began, as the system counts; absent where it does not tell. */
  readonly began?: string
}

export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse'
}

export interface DirectoryLock {
  release(): void
}

/** Takes the lock, or throws `DirectoryInUse` while a living process has it. */
export function lockDirectory(lockFile: string): DirectoryLock {
  mkdirSync(dirname(lockFile), { recursive: true, mode: 0o700 })
  const own: Holder = { pid: process.pid, ...beganOf(process.pid) }
  const draft = `${lockFile}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 })
  try {
    // A link appears whole or not at all, and only where nothing stands. Two rounds: the first may find a dead holder.
    for (let round = 0; round < 2; round++) {
      if (tryLink(draft, lockFile)) return { release: () => release(lockFile, own) }
      const holder = holderOf(lockFile)
      if (holder !== undefined && isAlive(holder)) {
        throw new DirectoryInUse(`Another node (process ${holder.pid}) uses ${dirname(lockFile)}.`)
      }
      removeDead(lockFile, holder)
    }
    throw new DirectoryInUse(`Another node has just begun to use ${dirname(lockFile)}.`)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Whether a living process has the lock. */
export function isDirectoryInUse(lockFile: string): boolean {
  const holder = holderOf(lockFile)
  return holder !== undefined && isAlive(holder)
}

function tryLink(draft: string, lockFile: string): boolean {
  try {
    linkSync(draft, lockFile)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Moves the dead holder's file aside before deleting it, so that a lock taken in between is never deleted by mistake. */
function removeDead(lockFile: string, dead: Holder | undefined): void {
  const aside = `${lockFile}.${process.pid}.dead`
  try {
    renameSync(lockFile, aside)
  } catch {
    return
  }
  const moved = holderOf(aside)
  if (JSON.stringify(moved) !== JSON.stringify(dead)) tryLink(aside, lockFile)
  rmSync(aside, { force: true })
}

function release(lockFile: string, own: Holder): void {
  if (JSON.stringify(holderOf(lockFile)) === JSON.stringify(own)) rmSync(lockFile, { force: true })
}

/** Undefined where the file is gone or was never written to its end. */
function holderOf(lockFile: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(lockFile, 'utf8')) as Holder
    return Number.isInteger(holder.pid) ? holder : undefined
  } catch {
    return undefined
  }
}

function isAlive({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = beganOf(pid)
  return began === undefined || now.began === undefined || now.began === began
}

/** Linux tells the start of a process in field 22 of its stat line, counted after the name, which may hold anything. */
function beganOf(pid: number): { readonly began?: string } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return began === undefined ? {} : { began }
  } catch {
    return {}
  }
}
