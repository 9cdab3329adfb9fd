/**
 * Photographs of documents and faces: re-encoded by the browser, so that nothing stands beside the picture, kept for the
 * decision and a set time after it, and then deleted with their keys.
 */
import { type Refusal, refuse } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import { type BureauVault } from './records.ts'

export const photoLimitBytes = 1_500_000
/** A photograph that no application took goes after a day. */
const unusedForMs = 86_400_000

export interface Photos {
  keep(accountId: string, bytes: Uint8Array): Promise<string | Refusal>
  read(photoId: string): Promise<Uint8Array | undefined>
  /** Whether this account brought the photograph. */
  isOf(photoId: string, accountId: string): Promise<boolean>
  /** Says when photographs are to go. */
  deleteAt(photoIds: readonly (string | undefined)[], deleteAtMs: number): Promise<void>
  /** Deletes what is due; the number of them. */
  sweep(): Promise<number>
}

export function createPhotos({ photos }: BureauVault, nowMs: () => number): Photos {
  return {
    async keep(accountId, bytes) {
      const fault = refusePhoto(bytes)
      if (fault !== undefined) return refuse(fault)
      const photoId = randomId('photo')
      const jpeg = Buffer.from(bytes).toString('base64')
      const photo = { accountId, jpeg, storedAtMs: nowMs(), deleteAtMs: nowMs() + unusedForMs }
      await photos.insert(photoId, photo)
      return photoId
    },
    async read(photoId) {
      const kept = await photos.get(photoId)
      return kept && new Uint8Array(Buffer.from(kept.value.jpeg, 'base64'))
    },
    isOf: async (photoId, accountId) => (await photos.get(photoId))?.value.accountId === accountId,
    async deleteAt(photoIds, deleteAtMs) {
      for (const photoId of photoIds) {
        const kept = photoId === undefined ? undefined : await photos.get(photoId)
        if (kept !== undefined) await photos.replace(kept.id, kept.version, { ...kept.value, deleteAtMs })
      }
    },
    async sweep() {
      let deleted = 0
      for await (const { id, value } of everyRecord(photos)) {
        if (value.deleteAtMs <= nowMs() && (await photos.erase(id))) deleted++
      }
      return deleted
    },
  }
}

/** Walks the segments of a JPEG (ITU T.81): APP1 and above are where cameras write place, time and owner. */
export function refusePhoto(bytes: Uint8Array): 'photo_not_jpeg' | 'photo_has_metadata' | undefined {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return 'photo_not_jpeg'
  let at = 2
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return 'photo_not_jpeg'
    const marker = bytes[at + 1] as number
    // Start of scan: from here on it is the picture, and it must come to its end.
    if (marker === 0xda) {
      const [last, end] = [bytes.at(-2), bytes.at(-1)]
      return last === 0xff && end === 0xd9 ? undefined : 'photo_not_jpeg'
    }
    // APP0 is JFIF's own, APP2 a colour profile, APP14 how colours are spelled. The rest, and comments, say other things.
    const isApplication = marker >= 0xe0 && marker <= 0xef
    if ((isApplication && ![0xe0, 0xe2, 0xee].includes(marker)) || marker === 0xfe) return 'photo_has_metadata'
    const length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
    if (length < 2) return 'photo_not_jpeg'
    at += 2 + length
  }
  return 'photo_not_jpeg'
}
