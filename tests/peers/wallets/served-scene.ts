/** The issuer and the verifier of a scene behind a plain HTTP server, for wallets that are programs of their own. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  findEndpoint,
  issuerEndpoints,
  type OpenidAnswer,
  type OpenidRequest,
  verifierEndpoints,
} from '@chengxin/services/openid'
import { createOpenidScene, type SceneOptions } from '@chengxin/testkit/openid-scene'

export type ServedScene = Awaited<ReturnType<typeof serveScene>>

/** `issuerPath` is where the issuer's identifier lies: older clients look for its metadata below it and not before it. */
export async function serveScene(options: SceneOptions = {}, issuerPath = '/issuer') {
  const server = createServer((request, response) => {
    answer(request).then(
      (sent) => send(response, sent),
      (error: unknown) => send(response, { status: 500, headers: {}, body: String(error) }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const scene = createOpenidScene({
    ...options,
    nowMs: Date.now,
    statusUri: `${url}/status-lists/list_one`,
    issuer: { identifier: `${url}${issuerPath}`, ...options.issuer },
    verifier: { baseUrl: `${url}/verifier`, ...options.verifier },
  })
  /** Our own codes of all that was refused. */
  const refused: string[] = []
  const endpoints = [...issuerEndpoints(scene.issuer), ...verifierEndpoints(scene.verifier)]

  async function answer(request: IncomingMessage): Promise<OpenidAnswer> {
    const asked = await readRequest(request)
    const { pathname } = new URL(asked.url)
    if (pathname === '/status-lists/list_one') {
      return { status: 200, headers: { 'content-type': 'application/statuslist+jwt' }, body: await scene.statusToken() }
    }
    const found = findEndpoint(endpoints, asked.method, pathname)
    const answered = found ? await found.endpoint.handle(asked, found.id) : { status: 404, headers: {}, body: '' }
    if (found && answered.status >= 400) refused.push((JSON.parse(answered.body) as { code: string }).code)
    return answered
  }

  async function readRequest(request: IncomingMessage): Promise<OpenidRequest> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    )
    const body = Buffer.concat(parts).toString('utf8')
    return { method: request.method ?? 'GET', url: `${url}${request.url ?? '/'}`, headers, body }
  }

  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { ...scene, url, refused, close }
}

function send(response: ServerResponse, { status, headers, body }: OpenidAnswer): void {
  response.writeHead(status, headers).end(status === 204 ? undefined : body)
}
