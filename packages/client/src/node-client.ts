/** A node as its clients see it: the groups it keeps, and what it serves beside them. */
import { createGroupClient, type GroupClient } from './group-client.ts'
import { createHttp, type HttpOptions, presentOnly } from './http.ts'

/** A group as a node lists it. */
export interface GroupSummary {
  readonly id: string
  readonly name: string
  /** The first line of its checkpoints. */
  readonly origin: string
  readonly chainId: string
  readonly readPolicy: 'public' | 'members'
  /** Whether this is the sample city, whose keys are public. */
  readonly sample: boolean
  readonly height: number
  /** Leaves in the log. */
  readonly size: number
  readonly timeMs: number
  readonly members: number
}

export interface NodeClient {
  readonly url: string
  groups(): Promise<readonly GroupSummary[]>
  /** The group of this id; nothing is asked of the node yet. */
  group(groupId: string): GroupClient
  /** The group with this id or name, or the only one there is. Throws where the choice is not clear. */
  findGroup(idOrName?: string): Promise<GroupClient>
  /** JSON at a path below the node's address. Throws `NodeAnswered` where there is none. */
  get(path: string): Promise<unknown>
  /** As `get`, with undefined for what does not exist. */
  find(path: string): Promise<unknown>
  getText(path: string): Promise<string>
  getBytes(path: string): Promise<Uint8Array>
  /** DID resolution: the whole result, document and metadata. */
  resolve(did: string): Promise<unknown>
}

export type NodeClientOptions = HttpOptions

export function createNodeClient(options: NodeClientOptions): NodeClient {
  const http = createHttp(options)
  const get = async (path: string): Promise<unknown> => (await http.ask(path)).json()

  async function groups(): Promise<readonly GroupSummary[]> {
    return ((await get('/v1/groups')) as { groups: readonly GroupSummary[] }).groups
  }

  return {
    url: http.url,
    groups,
    group: (groupId) => createGroupClient(http, groupId),
    async findGroup(idOrName) {
      const all = await groups()
      const found = idOrName === undefined ? all : all.filter(({ id, name }) => id === idOrName || name === idOrName)
      if (found.length === 1 && found[0] !== undefined) return createGroupClient(http, found[0].id)
      const names = all.map(({ id, name }) => `${name} (${id})`).join(', ')
      throw new Error(
        idOrName === undefined
          ? `The node keeps ${all.length} groups; name one of them: ${names}.`
          : `The node keeps no one group called ${idOrName}; it has ${names || 'none'}.`,
      )
    },
    get,
    find: (path) => presentOnly(get(path)),
    getText: async (path) => (await http.ask(path)).text(),
    getBytes: async (path) => new Uint8Array(await (await http.ask(path)).arrayBuffer()),
    resolve: (did) => get(`/1.0/identifiers/${encodeURIComponent(did)}`),
  }
}
