/** A port that is free now, for a program that is started next. */
import { createServer } from 'node:net'

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.on('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (typeof address === 'object' && address !== null) done(address.port)
        else fail(new Error('The system gave no port.'))
      })
    })
  })
}
