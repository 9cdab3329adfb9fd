import * as fs from 'node:fs'
import { connect } from 'node:net'

/** A socket file outlives a process that was killed; one that nobody answers is in the way and no more. */
export async function removeStaleSocket(path: string): Promise<void> {
  if (!fs.existsSync(path)) return
  if (!fs.lstatSync(path).isSocket()) throw new Error(`${path} is in the way of a socket and is none itself.`)
  const answered = await new Promise<boolean>((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
  if (answered) throw new Error(`Another process serves the socket ${path}.`)
  fs.rmSync(path, { force: true })
}
