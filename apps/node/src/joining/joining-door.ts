/**
 * What a node answers while it joins a group by a snapshot: nothing but why it waits (RFC 9457), at every path. Its own door
 * opens when there is something to read.
 */
import { createServer } from 'node:http'

export interface JoiningDoor {
  /** The newest sentence about what is going on or waited for. */
  say(sentence: string): void
  /** Resolves when the address is free again. */
  close(): Promise<void>
}

export interface JoiningDoorOptions {
  readonly host: string
  readonly port: number
  /** The group's name on this node. */
  readonly group: string
}

/** Rejects where the address cannot be listened at. */
export async function openJoiningDoor({ host, port, group }: JoiningDoorOptions): Promise<JoiningDoor> {
  let newest = 'It has just begun.'
  const server = createServer((request, response) => {
    request.resume()
    const detail = `This node joins ${group} by a snapshot. ${newest}`
    const body = JSON.stringify({ title: 'Catching up', status: 503, code: 'catching_up', detail })
    const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', connection: 'close' }
    response.writeHead(503, headers).end(body)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    say: (sentence) => {
      newest = sentence
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
