/** /openapi.json and /docs say everything that is served, and nothing that is not. */
import { type ApiScene, openApiScene, sceneRefusals } from '@chengxin/testkit/api-scene'
import { expectSoundSchemas } from '@chengxin/testkit/openapi-conformance'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDocumentStore } from './documents.ts'
import { apiRefusals } from './refusals.ts'

let scene: ApiScene
const routes: string[] = []
beforeAll(async () => {
  const documents = createDocumentStore({
    directory: '/nonexistent',
    isAnchored: async () => false,
    acceptBundle: async () => undefined,
  })
  scene = await openApiScene({ options: { documents, sample: () => undefined } })
  for (const line of scene.app.printRoutes().split('\n')) routes.push(line)
}, 60_000)
afterAll(() => scene.close())

type Operation = {
  operationId: string
  summary: string
  tags: string[]
  responses: object
  parameters: { name: string; in: string }[]
}
const operations = () =>
  Object.entries(scene.openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method,
      operation: operation as unknown as Operation,
    })),
  )

test('it is OpenAPI 3.1: version, info, unique operation ids, path parameters declared', () => {
  expect(scene.openApi.openapi).toBe('3.1.0')
  expect(scene.openApi['info']).toMatchObject({ title: 'Chengxin 城信', version: '0.0.0-test' })
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { path, operation } of operations()) {
    const named = [...path.matchAll(/\{([A-Za-z]+)\}/g)].map(([, name]) => name)
    expect(operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(named)
    expect(operation.summary.length).toBeGreaterThan(10)
    expect(Object.keys(operation.responses)).toContain('default')
  }
})

test('every route that the server has is described, and every description is a route', () => {
  const described = operations().map(({ path, method }) => `${method.toUpperCase()} ${shape(path)}`)
  const served: string[] = []
  const parts: string[] = []
  for (const line of routes) {
    const match = /^(.*?)(?:├──|└──) (.*?)(?: \((.*)\))?$/.exec(line)
    if (match === null) continue
    const [, indent = '', part = '', methods] = match
    parts.length = Math.floor(indent.length / 4)
    parts.push(part)
    for (const method of methods?.split(', ') ?? []) {
      if (method !== 'HEAD') served.push(`${method} ${shape(parts.join(''))}`)
    }
  }
  expect(served.length).toBeGreaterThan(20)
  expect(new Set(served)).toEqual(new Set(described))
})

test('every schema compiles, and every reference leads somewhere', () => {
  expect(() => expectSoundSchemas(scene.openApi)).not.toThrow()
  const broken = { ...scene.openApi, components: { schemas: { Problem: { $ref: '#/components/schemas/None' } } } }
  expect(() => expectSoundSchemas(broken)).toThrow()
})

test('verbs and refusals are there: arguments by type, codes with kind, status and sentence', () => {
  expect(scene.openApi.components.schemas['shop.trade']).toMatchObject({ required: ['account', 'amount'] })
  const refusals = scene.openApi['x-refusals'] as { [code: string]: { kind: string; status: number; sentence: string } }
  expect(Object.keys(refusals).sort()).toEqual(Object.keys({ ...apiRefusals, ...sceneRefusals }).sort())
  expect(refusals['queue_full']).toEqual({ kind: 'busy', status: 429, sentence: 'The queue is full.' })
  expect(refusals['disk_full']?.status).toBe(503)
})

test('the page to read names every address, verb and code, and fetches nothing', async () => {
  const page = (await scene.ask('GET', '/docs')).body
  for (const { path } of operations()) expect(page).toContain(`<code>${path}</code>`)
  for (const code of Object.keys(apiRefusals)) expect(page).toContain(`<code>${code}</code>`)
  expect(page).toContain('id="shop.trade"')
  expect(page).not.toMatch(/<script|<link|src=|@import/)
})

/** A path without the names of its parameters. */
function shape(path: string): string {
  return path.replaceAll(/\{[A-Za-z]+\}|:[A-Za-z]+/g, '*')
}
