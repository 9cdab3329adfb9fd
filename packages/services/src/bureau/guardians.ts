/** Who may act for whom: links that two officers made, until a day. */
import type { Did } from '@chengxin/kernel'
import type { Bureau } from './bureau.ts'

export interface Ward {
  readonly accountId: string
  readonly did: Did
  readonly untilMs: number
}

/** The accounts that a guardian may act for now. */
export async function wardsOf(bureau: Bureau, guardian: string): Promise<readonly Ward[]> {
  const links = await bureau.kept.guardianships.find('guardian', guardian)
  const wards: Ward[] = []
  for (const { value } of links) {
    const did = (await bureau.accounts.find(value.ward))?.did
    if (value.untilMs > bureau.nowMs() && did !== undefined) {
      wards.push({ accountId: value.ward, did, untilMs: value.untilMs })
    }
  }
  return wards
}
