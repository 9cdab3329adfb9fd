/**
 * Keeps the check usable without a network: the files it needs are stored at installation, pages fall back to the stored
 * shell, built files are taken from store first because their names carry their hash. Answers of the node's API are
 * never stored here: a page that needs one offline stores it knowingly.
 */
interface WorkerScope extends EventTarget {
  readonly location: Location
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
}
interface WorkerEvent extends Event {
  waitUntil(done: Promise<unknown>): void
}
interface WorkerFetchEvent extends WorkerEvent {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

const worker = globalThis as unknown as WorkerScope
const { version, files } = JSON.parse('__OFFLINE_FILES__') as { version: string; files: readonly string[] }
const shell = '/'

/** A new list of files is a new store, and the old one is deleted when the new worker takes over. */
const storeName = `chengxin-files-${version}`

worker.addEventListener('install', (event) => (event as WorkerEvent).waitUntil(install()))
worker.addEventListener('activate', (event) => (event as WorkerEvent).waitUntil(takeOver()))
worker.addEventListener('fetch', (event) => answer(event as WorkerFetchEvent))

async function install(): Promise<void> {
  const store = await caches.open(storeName)
  await store.addAll([shell, '/seal.svg', '/manifest.webmanifest', ...files])
  await worker.skipWaiting()
}

async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith('chengxin-files-') && name !== storeName) await caches.delete(name)
  }
  await worker.clients.claim()
}

function answer(event: WorkerFetchEvent): void {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return
  if (request.mode === 'navigate') {
    // The API's own pages are left to the network.
    if (!/^\/(v1|1\.0|docs|openapi|metrics|health)\b/.test(url.pathname)) event.respondWith(pageOf(request))
  } else if (url.pathname.startsWith('/assets/')) event.respondWith(fileOf(request))
}

async function pageOf(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (problem) {
    const stored = await caches.match(shell)
    if (stored === undefined) throw problem
    return stored
  }
}

async function fileOf(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}
