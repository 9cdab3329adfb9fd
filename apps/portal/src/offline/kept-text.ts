/**
 * Public texts that must be at hand without a network: the trust bundle and the sample certificates. The newest answer
 * of the node is kept; when the node does not answer, what was kept is given, and says so.
 */
import { ApiProblem, getText } from '../api/http.ts'

const storeName = 'chengxin-kept-texts'

export interface KeptText {
  readonly text: string
  /** Whether the node answered just now; otherwise this is what was kept from before. */
  readonly fresh: boolean
}

export async function keptText(path: string, signal?: AbortSignal): Promise<KeptText> {
  try {
    const text = await getText(path, signal)
    await keep(path, text)
    return { text, fresh: true }
  } catch (problem) {
    // A node that answers "there is none" is believed; one that cannot be reached is not waited for.
    if (!(problem instanceof ApiProblem) || (problem.status !== 0 && problem.status < 500)) throw problem
    const text = await kept(path)
    if (text === undefined) throw problem
    return { text, fresh: false }
  }
}

async function keep(path: string, text: string): Promise<void> {
  try {
    await (await caches.open(storeName)).put(path, new Response(text))
  } catch {
    // Without a store (private window, plain http) the check simply needs the network next time.
  }
}

async function kept(path: string): Promise<string | undefined> {
  try {
    return await (await (await caches.open(storeName)).match(path))?.text()
  } catch {
    return undefined
  }
}
