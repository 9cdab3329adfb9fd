/**
 * The store under what befalls a machine: kills at random moments, torn files, flipped bytes, a full disk.
 * `CHENGXIN_KILLS=200` runs the long form of the kills.
 */
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))
const program = join(here, '..', 'dist', 'faults', 'storage-writer.mjs')
const kills = Number(process.env['CHENGXIN_KILLS'] ?? 20)
let directory: string

beforeAll(async () => {
  directory = fs.mkdtempSync(join(tmpdir(), 'chengxin-storage-'))
  await build({
    entryPoints: [join(here, 'storage-writer.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['lmdb', 'sodium-native'],
    logLevel: 'warning',
  })
})
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

interface Life {
  /** The height it found, and the last one it told as committed. */
  readonly found: number
  readonly committed: number
  readonly complaint: string | undefined
}

/** Starts the writer and kills it after it has been ready for so long. */
async function liveFor(place: string, settle: string, acknowledged: number, ms: number): Promise<Life> {
  const child = spawn(process.execPath, [program, place, settle, String(acknowledged)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let found = -2
  let committed = acknowledged
  let complaint: string | undefined
  child.stderr.on('data', (text: Buffer) => {
    complaint = `${complaint ?? ''}${text}`
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, number] = line.split(' ')
    if (word === 'ready') {
      found = Number(number)
      setTimeout(() => child.kill('SIGKILL'), ms)
    } else if (word === 'committed') committed = Number(number)
    else complaint = line
  })
  await ended
  return { found, committed, complaint }
}

test.each(['here', 'elsewhere'])(
  `${kills} kills at random moments lose nothing that was acknowledged, settled %s`,
  async (settle) => {
    const place = join(directory, settle)
    let acknowledged = -1
    let longer = 0
    for (let kill = 0; kill < kills; kill++) {
      const life = await liveFor(place, settle, acknowledged, 20 + ((kill * 7919) % 180))
      expect(life.complaint).toBeUndefined()
      expect(life.found).toBeGreaterThanOrEqual(acknowledged)
      longer += Number(life.found > acknowledged)
      acknowledged = life.committed
    }
    const last = await liveFor(place, settle, acknowledged, 1)
    expect(last.complaint).toBeUndefined()
    expect(acknowledged).toBeGreaterThan(kills)
    // Not asserted, since chance decides: how often a commit had ended that was not told any more.
    console.info(`${acknowledged} blocks, ${longer} of ${kills} kills between a commit and its acknowledgement`)
  },
)
