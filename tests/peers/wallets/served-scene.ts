/** The issuer and the verifier of a scene behind a plain HTTP server. */
import {
  findEndpoint,
  issuerEndpoints,
  type OpenidAnswer,
  type OpenidRequest,
  verifierEndpoints,
} from '@chengxin/services/openid'
import { createOpenidScene, type SceneOptions } from '@chengxin/testkit/openid-scene'
import { serveHttp } from './http-server.ts'

export type ServedScene = Awaited<ReturnType<typeof serveScene>>

/** `issuerPath` is where the issuer's identifier lies: older clients look for its metadata below it and not before it. */
export async function serveScene(options: SceneOptions = {}, issuerPath = '/issuer') {
  const server = await serveHttp((request) => answer(request))
  const { url } = server
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

  async function answer(asked: OpenidRequest): Promise<OpenidAnswer> {
    const { pathname } = new URL(asked.url)
    if (pathname === '/status-lists/list_one') {
      return { status: 200, headers: { 'content-type': 'application/statuslist+jwt' }, body: await scene.statusToken() }
    }
    const found = findEndpoint(endpoints, asked.method, pathname)
    const answered = found ? await found.endpoint.handle(asked, found.id) : { status: 404, headers: {}, body: '' }
    if (found && answered.status >= 400) refused.push((JSON.parse(answered.body) as { code: string }).code)
    return answered
  }

  return { ...scene, ...server, refused }
}
