/** Processor time and bytes written of programs on this machine, children included. Told by Linux alone. */
import { readdirSync, readFileSync } from 'node:fs'

export interface Consumption {
  readonly cpuMicros: number
  /** Into files, by all processes that still run: at most so much. */
  readonly bytesWritten: number
}

interface Counted {
  readonly isEngine: boolean
  readonly cpuMicros: number
  readonly dirtied: number
  readonly handedOver: number
}

/** What each process of the tree has used so far; empty where the system does not tell. */
export type Tree = ReadonlyMap<number, Counted>

/** A hundredth of a second, the unit of processor time in `/proc` on every Linux in use. */
const tickMicros = 10_000

export function treeOf(root: number): Tree {
  const tree = new Map<number, Counted>()
  const children = childrenByParent()
  const open = [root]
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    open.push(...(children.get(pid) ?? []))
    const stat = statOf(pid)
    if (stat === undefined) continue
    const { name, cpuMicros } = stat
    tree.set(pid, { cpuMicros, ...writtenBy(pid), isEngine: name !== 'node' })
  }
  return tree
}

/** Between two looks at the same tree, by engines and by all else. */
export function usedBetween(
  before: Tree,
  after: Tree,
): { readonly engines: Consumption; readonly others: Consumption } {
  const sum = (ofEngines: boolean): Consumption => {
    let [cpuMicros, bytesWritten] = [0, 0]
    for (const [pid, now] of after) {
      if (now.isEngine !== ofEngines) continue
      const then = before.get(pid)
      cpuMicros += now.cpuMicros - (then?.cpuMicros ?? 0)
      bytesWritten += Math.min(now.dirtied - (then?.dirtied ?? 0), now.handedOver - (then?.handedOver ?? 0))
    }
    return { cpuMicros, bytesWritten }
  }
  return { engines: sum(true), others: sum(false) }
}

function childrenByParent(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>()
  for (const name of entriesOf('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined
    if (stat === undefined) continue
    const siblings = children.get(stat.parent)
    if (siblings === undefined) children.set(stat.parent, [Number(name)])
    else siblings.push(Number(name))
  }
  return children
}

/** Undefined for a process that has ended meanwhile. */
function statOf(
  pid: number,
): { readonly name: string; readonly parent: number; readonly cpuMicros: number } | undefined {
  const text = textOf(`/proc/${pid}/stat`)
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')]
  if (close < 0) return undefined
  // From the third field on, which is the state; proc(5) counts the user's time as the fourteenth.
  const fields = text.slice(close + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return { name: text.slice(open + 1, close), parent: Number(fields[1]), cpuMicros: ticks * tickMicros }
}

/**
 * Linux counts twice, and each count is too high in its own way. `write_bytes` are the pages that became dirty, and where
 * files are cached in pages of up to 2 MiB, as ext4 does from 6.16 on, a change of 8 KiB can count as all of one, though
 * the disk gets 8 KiB; `wchar` are the bytes of all writes, those to sockets included. The smaller of the two is the
 * nearest bound, as nobody here writes through memory maps.
 */
function writtenBy(pid: number): Pick<Counted, 'dirtied' | 'handedOver'> {
  const text = textOf(`/proc/${pid}/io`)
  const count = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return { dirtied: count('write_bytes'), handedOver: count('wchar') }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function entriesOf(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
