/**
 * S3-compatible storage of one's own for tests: the Versity gateway over a temporary directory, on a port that is free.
 * It checks every signature, and keeps conditions and listings as S3 does.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const s3HowToGet =
  'go install github.com/versity/versitygw/cmd/versitygw@v1.8.0, and name the program in CHENGXIN_VERSITYGW'

export interface TestStorage {
  /** `http://127.0.0.1:…`, without a bucket. */
  readonly url: string
  readonly credentials: { readonly keyId: string; readonly secret: string }
  /** Where the objects of a bucket lie: a disk that a test may lose, copy or damage. */
  folderOf(bucket: string): string
  /** An empty bucket; its address. */
  createBucket(name: string): string
  stop(): Promise<void>
}

/** The gateway's program on this machine, or undefined. */
export function findS3Storage(): string | undefined {
  const programs = [process.env['CHENGXIN_VERSITYGW'] ?? '', 'versitygw'].filter((name) => name !== '')
  return programs.find((program) => spawnSync(program, ['--version']).status === 0)
}

export async function startS3Storage(): Promise<TestStorage> {
  const program = findS3Storage()
  if (program === undefined) throw new Error(`There is no S3-compatible storage here: ${s3HowToGet}.`)
  const directory = mkdtempSync(join(tmpdir(), 'chengxin-s3-'))
  const [buckets, sidecar] = [join(directory, 'buckets'), join(directory, 'sidecar')]
  for (const folder of [buckets, sidecar]) mkdirSync(folder)
  const credentials = { keyId: 'test-key', secret: 'a secret/of +tests' }
  const port = await freePort()
  const options = ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive']
  const child = spawn(program, [...options, 'posix', '--sidecar', sidecar, buckets], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ROOT_ACCESS_KEY: credentials.keyId, ROOT_SECRET_KEY: credentials.secret },
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000)
  })
  // A test that dies before its cleanup must not leave a server behind.
  const stopWithUs = (): boolean => child.kill('SIGKILL')
  process.once('exit', stopWithUs)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = `http://127.0.0.1:${port}`
  // Any answer will do, also that nobody may come in.
  while (!(await fetch(url).catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`The storage did not start: ${said}`)
    await sleep(20)
  }
  return {
    url,
    credentials,
    folderOf: (bucket) => join(buckets, bucket),
    createBucket(name) {
      mkdirSync(join(buckets, name))
      return `${url}/${name}`
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      process.off('exit', stopWithUs)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
