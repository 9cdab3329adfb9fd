/**
 * The status lists of one office: where new certificates find their places, and how changes reach readers. One list serves
 * all types, so that a place says nothing about which; a list that is half full is followed by another.
 */
import type { StatusWord } from '@chengxin/audit'
import type { GroupClient } from '@chengxin/client'
import type { Json } from '@chengxin/kernel'
import type { Kept } from '../kept-file.ts'
import { statusListUri } from '../trust-bundle/collect-bundle.ts'
import type { Collection } from '../vault/face.ts'
import { everyRecord, keptInVault } from '../vault/kept-in-vault.ts'
import { type KeptList, type Place, randomLedgerId } from './office-records.ts'
import { publishStatusList } from './publish-status.ts'
import type { IssuerSigner } from './sign-jwt.ts'
import { type StatusRecord, StatusRegister } from './status-register.ts'

export interface StatusBookOptions {
  readonly group: GroupClient
  readonly signer: IssuerSigner
  readonly records: Collection<Json>
  /** `<public url>/v1/groups/<id>`. */
  readonly publicGroupUrl: string
  readonly nowMs: () => number
  /** Places of a new list; 65,536 if absent. */
  readonly size?: number
  /** Told when readers can see a new version. */
  readonly published?: () => void
}

export interface StatusBook {
  /** A list with room for so many, founded and published where there is none. It is saved by `save`. */
  registerFor(count: number): Promise<StatusRegister>
  save(listId: string): Promise<void>
  /** Notes what the places stand for from the next version on; durable, and not yet published. */
  set(places: readonly Place[], word: StatusWord): Promise<void>
  /** Publishes every list that has changed. */
  publishChanged(): Promise<void>
  /** Publishes again what was published long ago: a list that is too old decides nothing. */
  renew(): Promise<void>
  readonly lists: readonly { readonly listId: string; readonly version: number }[]
  /** From here on versions are signed by another issuer, which the ledger has named as the successor of a dissolved one. */
  signWith(successor: IssuerSigner): void
  /** The same, and every list gets a version by it: then the ledger knows the successor as its owner. */
  passTo(successor: IssuerSigner): Promise<void>
}

interface HeldList {
  readonly register: StatusRegister
  readonly kept: Kept<StatusRecord>
  publishedAtMs: number
  isChanged: boolean
  /** Changes since the process began. */
  changes: number
}

/** Half of the week that a version holds. */
const renewAfterMs = 3 * 86_400_000

export async function openStatusBook(options: StatusBookOptions): Promise<StatusBook> {
  const { group, records, publicGroupUrl, nowMs, size = 1 << 16 } = options
  let { signer } = options
  const lists = new Map<string, HeldList>()
  for await (const { id, value } of everyRecord(records)) {
    const { record, publishedAtMs, isChanged } = value as unknown as KeptList
    hold(id, new StatusRegister(record), publishedAtMs).isChanged = isChanged
  }
  let last: Promise<unknown> = Promise.resolve()

  function hold(listId: string, register: StatusRegister, publishedAtMs: number): HeldList {
    const inVault = keptInVault<KeptList>(records, listId)
    const list: HeldList = {
      register,
      publishedAtMs,
      isChanged: true,
      changes: 0,
      kept: {
        load: async () => register.record(),
        // What stands in the register now counts, places taken meanwhile included.
        save() {
          const { publishedAtMs: savedAtMs, isChanged } = list
          return inVault.save({ record: register.record(), publishedAtMs: savedAtMs, isChanged })
        },
        erase: () => inVault.erase(),
      },
    }
    lists.set(listId, list)
    return list
  }

  /** One after the other: two at once would both publish the next number. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = last.catch(() => undefined).then(work)
    last = next
    return next
  }

  async function publish(list: HeldList): Promise<void> {
    const changes = list.changes
    await publishStatusList(list.register, list.kept, { group, signer, nowMs })
    list.publishedAtMs = nowMs()
    // What changed while this version was on its way is in none yet.
    list.isChanged = list.changes !== changes
    await list.kept.save(list.register.record())
    options.published?.()
  }

  async function foundList(): Promise<HeldList> {
    const begun = [...lists.values()].find(({ register }) => register.version === 0)
    if (begun !== undefined) {
      await publish(begun)
      return begun
    }
    const listId = randomLedgerId('list')
    const list = hold(listId, StatusRegister.create(listId, statusListUri(publicGroupUrl, listId), size), 0)
    await list.kept.save(list.register.record())
    await publish(list)
    return list
  }

  const publishWhere = (isWanted: (list: HeldList) => boolean) =>
    inTurn(async () => {
      for (const list of lists.values()) if (isWanted(list)) await publish(list)
    })

  return {
    registerFor: (count) =>
      inTurn(async () => {
        const roomy = [...lists.values()].find(({ register }) => register.version > 0 && register.hasRoomFor(count))
        return (roomy ?? (await foundList())).register
      }),
    async save(listId) {
      const list = listOf(lists, listId)
      await list.kept.save(list.register.record())
    },
    async set(places, word) {
      for (const { listId, index } of places) {
        const list = listOf(lists, listId)
        list.register.set(index, word)
        list.isChanged = true
        list.changes++
      }
      for (const listId of new Set(places.map((place) => place.listId))) {
        const list = listOf(lists, listId)
        await list.kept.save(list.register.record())
      }
    },
    publishChanged: () => publishWhere(({ isChanged }) => isChanged),
    renew: () => publishWhere(({ isChanged, publishedAtMs }) => isChanged || nowMs() - publishedAtMs > renewAfterMs),
    signWith(successor) {
      signer = successor
    },
    async passTo(successor) {
      signer = successor
      for (const list of lists.values()) {
        list.isChanged = true
        list.changes++
        await list.kept.save(list.register.record())
      }
      await publishWhere(({ isChanged }) => isChanged)
    },
    get lists() {
      return [...lists.values()].map(({ register: { listId, version } }) => ({ listId, version }))
    },
  }
}

function listOf(lists: ReadonlyMap<string, HeldList>, listId: string): HeldList {
  const list = lists.get(listId)
  if (list === undefined) throw new Error(`The office keeps no list ${listId}.`)
  return list
}
