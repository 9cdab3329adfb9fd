/** The portal's files, and the addresses inside it that only the browser knows. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { cacheControl, mediaTypes } from './answer.ts'

/** What is not the portal's: a wrong address below these is an error for a program, not a page. */
const notPortal = /^\/(v1|1\.0|assets|health|metrics|openapi\.json|docs)(\/|\?|$)/

export function wantsPage(request: FastifyRequest): boolean {
  const { method, url, headers } = request
  return method === 'GET' && (headers.accept ?? '').includes('text/html') && !notPortal.test(url)
}

export interface Portal {
  /** The portal's one page, for addresses that it reads itself. */
  sendPage(reply: FastifyReply): Promise<FastifyReply>
}

export function servePortal(app: FastifyInstance, directory: string | undefined): Portal {
  const page = directory === undefined ? undefined : join(directory, 'index.html')
  if (directory !== undefined && page !== undefined && existsSync(page)) {
    app.register(fastifyStatic, {
      root: directory,
      cacheControl: false,
      redirect: false,
      dotfiles: 'ignore',
      preCompressed: true,
      // Names in assets/ carry a hash of their content; all other files keep their name when they change.
      setHeaders: (reply, path) => {
        const isHashed = path.replaceAll('\\', '/').includes('/assets/')
        reply.header('cache-control', cacheControl(isHashed ? 'forever' : 'ask', true))
      },
    })
    return {
      sendPage: async (reply) => {
        reply.header('cache-control', cacheControl('ask', true)).type(mediaTypes.html)
        return reply.send(await readFile(page))
      },
    }
  }
  return { sendPage: async (reply) => reply.type(mediaTypes.html).send(pageWithoutPortal) }
}

const pageWithoutPortal = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Chengxin 城信</title>
<p>This node runs without its portal. Its interface is described at <a href="/docs">/docs</a>.</p></html>`
