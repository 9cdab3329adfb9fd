/** Ports that are free now, for programs that are started next. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** One that the system chooses. */
export function freePort(): Promise<number> {
  return listenOnce(0)
}

/**
 * The first of a row of ports that are all free. They lie below those that systems give to outgoing connections, one of
 * which may otherwise take a port between this look and the program's.
 */
export async function freePortRow(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = randomInt(20_000, 32_000)
    const ports = Array.from({ length: count }, (_, index) => first + index)
    const found = await Promise.all(ports.map((port) => listenOnce(port).catch(() => undefined)))
    if (found.every((port) => port !== undefined)) return first
  }
  throw new Error(`No ${count} ports in a row are free.`)
}

function listenOnce(port: number): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.on('error', fail)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (typeof address === 'object' && address !== null) done(address.port)
        else fail(new Error('The system gave no port.'))
      })
    })
  })
}
