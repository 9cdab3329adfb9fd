/** The portal's files, its inner addresses, and nothing beside them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiScene, openApiScene } from '@chengxin/testkit/api-scene'
import { afterAll, beforeAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'chengxin-portal-'))
const portalDirectory = join(folder, 'dist')
let scene: ApiScene
let bare: ApiScene
beforeAll(async () => {
  mkdirSync(join(portalDirectory, 'assets'), { recursive: true })
  writeFileSync(join(portalDirectory, 'index.html'), '<!doctype html><title>portal</title>')
  writeFileSync(join(portalDirectory, 'service-worker.js'), 'self')
  writeFileSync(join(portalDirectory, 'assets', 'app-a1b2.js'), 'plain')
  writeFileSync(join(portalDirectory, 'assets', 'app-a1b2.js.br'), 'brotli')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  scene = await openApiScene({ options: { portalDirectory } })
  bare = await openApiScene({ over: scene })
}, 60_000)
afterAll(async () => {
  await bare.close()
  await scene.close()
  rmSync(folder, { recursive: true, force: true })
})

const browse = (url: string, headers: Record<string, string> = {}, { app } = scene) =>
  app.inject({ url, headers: { accept: 'text/html,*/*;q=0.8', ...headers } })

test.each(['/', '/explorer', '/explorer/blocks/12', '/check?sample=good', '/v2', '/documents'])(
  '%s is the page',
  async (url) => {
    const answer = await browse(url)
    expect([answer.statusCode, answer.body]).toEqual([200, '<!doctype html><title>portal</title>'])
    expect(answer.headers['cache-control']).toBe('public, no-cache')
    expect(answer.headers['content-security-policy']).toContain("default-src 'self'")
  },
)

test.each(['/v1/none', '/v1', '/1.0/none', '/assets/none.js', '/health/none', '/openapi.json/x'])(
  '%s is not: a wrong address of the interface or a lost file is no page',
  async (url) => {
    const answer = await browse(url)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, 'application/problem+json'])
  },
)

test('a program that asks for JSON gets no page', async () => {
  expect((await browse('/explorer', { accept: 'application/json' })).statusCode).toBe(404)
})

test('files whose name carries a hash are kept for ever, all others are asked for again', async () => {
  expect((await browse('/assets/app-a1b2.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect((await browse('/service-worker.js')).headers['cache-control']).toBe('public, no-cache')
})

test('a file that was compressed when it was built is sent so to whom it suits', async () => {
  const compressed = await browse('/assets/app-a1b2.js', { 'accept-encoding': 'br' })
  expect([compressed.body, compressed.headers['content-encoding']]).toEqual(['brotli', 'br'])
  expect(compressed.headers['content-type']).toMatch(/javascript/)
  expect((await browse('/assets/app-a1b2.js')).body).toBe('plain')
})

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/%5c..%5c..%5csecret.txt',
])('%s leads nowhere', async (url) => {
  const answer = await browse(url, { accept: '*/*' })
  expect(answer.body).not.toContain('secret')
  expect(answer.statusCode).toBeGreaterThanOrEqual(400)
  expect(answer.statusCode).toBeLessThan(500)
})

test('without a portal the first page points to the documentation', async () => {
  expect((await browse('/', {}, bare)).body).toContain('href="/docs"')
})
