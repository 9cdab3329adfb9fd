/** How a certificate stands, checked as any verifier would, by the newest trust bundle. */
import { auditFile, type TrustBundle } from '@chengxin/audit'

export interface Standing {
  /** `valid`, or the code of the check that stands against it. */
  readonly word: string
  readonly verdict: 'valid' | 'not_valid' | 'undecided'
  readonly checkedAtMs: number
}

export async function standingOf(text: string, bundle: TrustBundle | undefined, nowMs: number): Promise<Standing> {
  const { verdict, checks } = await auditFile(text, { bundle, nowMs })
  const against = checks.find(({ result, name }) => result === 'fail' && name !== 'bundle')
  const open = checks.find(({ result, code }) => result === 'unknown' && code !== 'holder_not_asked')
  const word = verdict === 'valid' ? 'valid' : (against?.code ?? open?.code ?? 'undecided')
  return { word, verdict, checkedAtMs: nowMs }
}
