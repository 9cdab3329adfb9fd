/** Which group a node's desks work in, and whose desks they are. */
import { type Signer, sampleChainId } from '@chengxin/client'
import type { DataPaths } from '../data-directory.ts'
import type { Log } from '../log.ts'
import type { GroupOnNode } from '../open-group.ts'
import { sampleOfficesOf } from '../sample-city/offices.ts'
import { noOffices, type Offices } from './offices.ts'
import { OfficesFault, type OfficesFile } from './offices-file.ts'
import { openOffices } from './open-offices.ts'

/** The group whose desks this node opens: the one that its offices name, else a sample city, else the first. */
export function homeOf(groups: readonly GroupOnNode[], named: string | undefined): GroupOnNode | undefined {
  const isSample = ({ ledger }: GroupOnNode) => ledger.genesis.chainId === sampleChainId
  if (named === undefined) return groups.find(isSample) ?? groups[0]
  const home = groups.find(({ name }) => name === named)
  if (home === undefined)
    throw new OfficesFault(`offices.json names the group ${named}, which this node does not have.`)
  return home
}

/**
 * What `offices.json` names. A sample city has its own: all of them where one process keeps it (undefined), and each member's
 * at that member's node where several order together.
 */
export async function officesOf(
  { memberId, ledger }: GroupOnNode,
  file: OfficesFile | undefined,
  { paths, passphrase, log }: { readonly paths: DataPaths; readonly passphrase: string | undefined; readonly log: Log },
): Promise<Offices | undefined> {
  const { genesis } = ledger
  if (genesis.chainId === sampleChainId) return ledger.consensus() && sampleOfficesOf(memberId)
  if (file === undefined) return noOffices
  const shut = (office: string) => log.warn({ office }, 'The office stays shut: its certificate is not there yet.')
  return openOffices({ file, paths, passphrase, genesis, atMs: Date.now(), shut })
}

/** Who reads for all of them: a seat is there from the founding on, an office once it has been brought in. */
export function readerOf({ seats, registrar, identities }: Offices): Signer | undefined {
  return seats[0] ?? registrar ?? identities[0]
}
