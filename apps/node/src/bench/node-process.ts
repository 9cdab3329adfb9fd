/** A node in a process of its own with data of its own, for loads that come over HTTP. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { processorMs } from './processor-time.ts'

export interface NodeProcess {
  readonly url: string
  /** Resident memory in megabytes, where the system tells. */
  memoryMb(): number
  /** Processor time of all its threads so far, where the system tells. */
  processorMs(): number
  stop(): Promise<void>
}

export async function startNodeProcess(): Promise<NodeProcess> {
  const data = mkdtempSync(join(tmpdir(), 'chengxin-bench-node-'))
  const port = await freePort()
  const main = fileURLToPath(new URL('./main.js', import.meta.url))
  const child = spawn(process.execPath, [main, 'start'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CHENGXIN_PORT: String(port), CHENGXIN_DATA: data },
  })
  const gone = new Promise<void>((done) => child.once('close', () => done()))
  const url = `http://localhost:${port}`
  for (let attempt = 0; ; attempt++) {
    const healthy = await fetch(`${url}/health`).then(
      async (response) => (await response.arrayBuffer(), response.ok),
      () => false,
    )
    if (healthy) break
    if (attempt > 3000 || child.exitCode !== null) {
      // Left alone it would keep the benchmark waiting for ever.
      child.kill('SIGKILL')
      throw new Error('The node for the benchmark did not start.')
    }
    await delay(100)
  }
  return {
    url,
    memoryMb() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
    },
    processorMs: () => processorMs(`/proc/${child.pid}/stat`),
    async stop() {
      child.kill('SIGTERM')
      await gone
      rmSync(data, { recursive: true, force: true })
    },
  }
}
