/** A plain HTTP server on a port of its own, for wallets that are programs of their own. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OpenidAnswer, OpenidRequest } from '@chengxin/services/openid'

export interface HttpServer {
  readonly url: string
  close(): Promise<void>
}

/** `answer` may begin to answer once the address is known. */
export async function serveHttp(answer: (request: OpenidRequest) => Promise<OpenidAnswer>): Promise<HttpServer> {
  const server = createServer((request, response) => {
    readRequest(request)
      .then(answer)
      .then(
        (sent) => send(response, sent),
        (error: unknown) => send(response, { status: 500, headers: {}, body: String(error) }),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function readRequest(request: IncomingMessage): Promise<OpenidRequest> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    )
    const body = Buffer.concat(parts).toString('utf8')
    return { method: request.method ?? 'GET', url: `${url}${request.url ?? '/'}`, headers, body }
  }

  return { url, close: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}

function send(response: ServerResponse, { status, headers, body }: OpenidAnswer): void {
  response.writeHead(status, headers).end(status === 204 ? undefined : body)
}
