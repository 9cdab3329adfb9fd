/**
 * The store under what befalls a machine: kills at random moments, torn files, flipped bytes, a full disk.
 * `CHENGXIN_KILLS=200` runs the long form of the kills.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scrub } from '../../packages/ledger/src/storage/scrub.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const program = join(here, '..', 'dist', 'faults', 'storage-writer.mjs')
const kills = Number(process.env['CHENGXIN_KILLS'] ?? 12)
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

/** Starts the writer and kills it so long after its first commit, or after its start. */
async function liveFor(place: string, settle: string, acknowledged: number, ms: number, from: 'commit' | 'start') {
  const child = spawn(process.execPath, [program, place, settle, String(acknowledged)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let found = acknowledged
  let committed = acknowledged
  let complaint: string | undefined
  child.stderr.on('data', (text: Buffer) => {
    complaint = `${complaint ?? ''}${text.toString()}`
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const kill = () => child.kill('SIGKILL')
  if (from === 'start') setTimeout(kill, ms)
  let commits = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, number] = line.split(' ')
    if (word === 'ready') found = Number(number)
    else if (word === 'committed') {
      committed = Number(number)
      if (commits++ === 0 && from === 'commit') setTimeout(kill, ms)
    } else complaint = line
  })
  await ended
  return { found, committed, complaint } satisfies Life
}

test.each(['here', 'elsewhere'])(
  `${kills} kills at random moments lose nothing that was acknowledged, settled %s`,
  async (settle) => {
    const place = join(directory, settle)
    let acknowledged = -1
    let longer = 0
    for (let kill = 0; kill < kills; kill++) {
      const ms = 20 + ((kill * 7919) % 180)
      const life = await liveFor(place, settle, acknowledged, ms, kill % 5 === 4 ? 'start' : 'commit')
      expect(life.complaint).toBeUndefined()
      expect(life.found).toBeGreaterThanOrEqual(acknowledged)
      longer += Number(life.found > acknowledged)
      acknowledged = life.committed
    }
    expect(await say(place, 'roots')).toMatch(/^roots [1-9]/)
    // Not asserted, since chance decides: how often a commit had ended that was not told any more.
    console.info(`${acknowledged} blocks, ${longer} of ${kills} kills between a commit and its acknowledgement`)
  },
)

/** Runs the writer to its end; its last line. */
async function say(place: string, what: string): Promise<string> {
  const child = spawn(process.execPath, [program, place, what], { stdio: ['ignore', 'pipe', 'inherit'] })
  let last = ''
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line
  })
  await new Promise<void>((resolve) => child.once('close', () => resolve()))
  return last
}

/** Fills the place, makes room, and expects the writer to go on. */
async function fillUp(
  command: string,
  args: readonly string[],
  makeRoom: (child: ChildProcess) => void,
): Promise<void> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const told: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    told.push(line)
    if (!line.startsWith('full')) return
    makeRoom(child)
    child.stdin.write('there is room\n')
  })
  await new Promise<void>((resolve) => child.once('close', () => resolve()))
  expect(told).toEqual([expect.stringMatching(/^full [1-9]/), 'continued'])
}

test('a full disk refuses blocks, keeps what is there readable, and takes blocks again when there is room', async (context) => {
  const place = join(directory, 'small-disk')
  fs.mkdirSync(place)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', place])
  if (mounted.status !== 0) context.skip('Mounting a small disk needs root; the test of limited files takes its place.')
  try {
    fs.writeFileSync(join(place, 'ballast'), Buffer.alloc(12 * 1024 * 1024, 1))
    await fillUp(process.execPath, [program, join(place, 'store'), 'fill'], () => fs.rmSync(join(place, 'ballast')))
    expect(scrub(join(place, 'store'))).toEqual([])
  } finally {
    spawnSync('umount', [place])
  }
})

test.each([
  ['log', 300],
  ['state', 1500],
])('files that may not grow (%s) are a full disk too', async (_what, blocks) => {
  const place = join(directory, `limited-${blocks}`)
  const limited = `trap '' XFSZ; ulimit -S -f ${blocks * 2}; exec "$0" "$@"`
  const room = (child: ChildProcess) => spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited'])
  await fillUp('sh', ['-c', limited, process.execPath, program, place, 'fill'], room)
  expect(scrub(place)).toEqual([])
})
