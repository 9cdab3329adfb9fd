/** Where things lie in a node's data directory: the one place that spells these paths. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface GroupPaths {
  /** The folder's name, a short word for people. */
  readonly name: string
  readonly directory: string
  readonly genesis: string
  /** Where other members' nodes are reached, and outside witnesses; absent where nobody is asked. */
  readonly peers: string
  /** The newest quorum of cosignatures, and proofs that the log told two stories. */
  readonly witness: string
  /** How this member takes part in ordering; absent where one process orders alone. */
  readonly ordering: string
  /** Says that this member is to begin with a snapshot, and how that file is kept when it has. */
  readonly joining: string
  readonly joined: string
  /** Bundles of every ruleset that the group ever activated, by hash. */
  readonly rulesets: string
  /** Says that the sample city's first day has been written to the end. */
  readonly seeded: string
}

export interface OfficePaths {
  readonly directory: string
  /** PKCS #10, for the group's certificate authority. */
  readonly certificateRequest: string
  /** X.509, PEM: what the authority made of it. */
  readonly certificate: string
  /** What others have to write to the ledger for this office. */
  readonly requests: string
}

export interface DataPaths {
  readonly root: string
  readonly lock: string
  readonly keys: string
  readonly documents: string
  readonly readModel: string
  /** What the ledger must not hold, sealed. */
  readonly vault: string
  /** What has been erased from the vault: apart from it, so that restoring an older copy brings nothing back. */
  readonly vaultErased: string
  /** Makes this node a witness of other logs, and what it cosigned last of each. */
  readonly witness: string
  readonly witnessed: string
  /** Files of the sample city for the check page. */
  readonly samples: string
  /** Which offices this node serves. */
  readonly offices: string
  /** What an office brings to others, and the certificate that it got. */
  office(name: string): OfficePaths
  group(name: string): GroupPaths
}

export function dataPaths(root: string): DataPaths {
  return {
    root,
    lock: join(root, 'node.lock'),
    keys: join(root, 'keys'),
    documents: join(root, 'documents'),
    readModel: join(root, 'read-model'),
    witness: join(root, 'witness.json'),
    witnessed: join(root, 'witnessed.json'),
    samples: join(root, 'samples'),
    offices: join(root, 'offices.json'),
    office(name) {
      const directory = join(root, 'offices')
      return {
        directory,
        certificateRequest: join(directory, `${name}.csr.pem`),
        certificate: join(directory, `${name}.pem`),
        requests: join(directory, `${name}.requests.json`),
      }
    },
    vault: join(root, 'vault'),
    vaultErased: join(root, 'vault-erased', 'erased.txt'),
    group(name) {
      const directory = join(root, 'groups', name)
      return {
        name,
        directory,
        genesis: join(directory, 'genesis.json'),
        peers: join(directory, 'peers.json'),
        witness: join(directory, 'witness'),
        ordering: join(directory, 'ordering.json'),
        joining: join(directory, 'joining.json'),
        joined: join(directory, 'joined.json'),
        rulesets: join(directory, 'rulesets'),
        seeded: join(directory, 'seeded.json'),
      }
    },
  }
}

/** Names of the groups that this directory holds, in order. A folder whose founding was interrupted holds none yet. */
export async function groupNames(paths: DataPaths): Promise<readonly string[]> {
  const entries = await readdir(join(paths.root, 'groups'), { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(paths.group(entry.name).genesis))
    .map((entry) => entry.name)
    .sort()
}
