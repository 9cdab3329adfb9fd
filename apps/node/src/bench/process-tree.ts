/** Processor time and bytes written of programs on this machine, children included. Told by Linux alone. */
import { readdirSync, readFileSync } from 'node:fs'

export interface Consumption {
  readonly cpuMicros: number
  /** Handed to the disk, by all processes that still run. */
  readonly bytesWritten: number
}

/** What each process of the tree has used so far; empty where the system does not tell. */
export type Tree = ReadonlyMap<number, Consumption & { readonly isEngine: boolean }>

/** A hundredth of a second, the unit of processor time in `/proc` on every Linux in use. */
const tickMicros = 10_000

export function treeOf(root: number): Tree {
  const tree = new Map<number, Consumption & { readonly isEngine: boolean }>()
  const children = childrenByParent()
  const open = [root]
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    open.push(...(children.get(pid) ?? []))
    const stat = statOf(pid)
    if (stat === undefined) continue
    const { name, cpuMicros } = stat
    tree.set(pid, { cpuMicros, bytesWritten: writtenBy(pid), isEngine: name !== 'node' })
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
      bytesWritten += now.bytesWritten - (then?.bytesWritten ?? 0)
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

function writtenBy(pid: number): number {
  return Number(/^write_bytes: (\d+)/m.exec(textOf(`/proc/${pid}/io`))?.[1] ?? 0)
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
