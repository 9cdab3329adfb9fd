/** Many files at once: each is checked by the same bundle, and one that cannot be read does not stop the others. */
import { auditFile, type Report, type TrustBundle } from '@chengxin/audit'
import { nativePlatform } from './native-platform.ts'

export interface NamedFile {
  /** As the person who dropped it calls it; said back and nowhere kept. */
  readonly name: string
  readonly text: string
}

export interface CheckedFile {
  readonly name: string
  readonly text: string
  readonly report: Report
}

export async function checkFiles(
  files: readonly NamedFile[],
  bundle: TrustBundle,
  nowMs: number,
): Promise<readonly CheckedFile[]> {
  const checked: CheckedFile[] = []
  // One after the other: what checks them is one processor, and an answer in order needs no more memory than the last.
  for (const { name, text } of files)
    checked.push({ name, text, report: await auditFile(text, { bundle, nowMs, platform: nativePlatform }) })
  return checked
}
