/** The newest trust bundle seen of each group, kept so that nobody can hand over an older one. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Pins } from '@chengxin/audit'
import type { GroupId } from '@chengxin/kernel'
import { CliFault } from './fault.ts'

type PinFile = { readonly [group: string]: Pins }

/** What is remembered of a group; for one that was named, at least that it is the one that is trusted. */
export async function pinsOf(file: string, group: string, isNamed: boolean): Promise<Pins | undefined> {
  const remembered = (await readPins(file))[group]
  if (!isNamed) return remembered
  const { isGiven: _, ...named } = remembered ?? { group: group as GroupId }
  return named
}

export async function rememberPins(file: string, pins: Pins): Promise<void> {
  const all = await readPins(file)
  const before = all[pins.group]
  const isNewer = (pins.newest?.sequence ?? -1) > (before?.newest?.sequence ?? -1)
  if (!isNewer && (pins.isGiven === true || before?.isGiven !== true)) return
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.new`
  await writeFile(draft, `${JSON.stringify({ ...all, [pins.group]: pins }, undefined, 1)}\n`, { mode: 0o600 })
  await rename(draft, file)
}

async function readPins(file: string): Promise<PinFile> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  try {
    return JSON.parse(text) as PinFile
  } catch {
    // Going on without it would let an older bundle in.
    throw new CliFault(`${file} is damaged; move it away to forget which trust bundles were seen.`, 3)
  }
}
