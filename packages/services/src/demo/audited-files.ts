/** The samples as a stranger checks them: files alone, the group's id known, no network. */
import { readFile } from 'node:fs/promises'
import { auditFile } from '@chengxin/audit'
import type { GroupId } from '@chengxin/kernel'

type SampleName = 'good' | 'revoked' | 'forged' | 'forgedHolder'

export interface AuditedFile {
  readonly name: SampleName
  readonly verdict: string
  /** Of the first check that failed, or `none`. */
  readonly code: string
  readonly nextStep: string
}

export async function auditFiles(
  files: { readonly [name in SampleName]: string },
  bundleFile: string,
  group: string,
): Promise<readonly AuditedFile[]> {
  const bundle = await readFile(bundleFile, 'utf8')
  const pins = { group: group as GroupId }
  const audited: AuditedFile[] = []
  for (const name of ['good', 'revoked', 'forged', 'forgedHolder'] as const) {
    const text = await readFile(files[name], 'utf8')
    const { verdict, nextStep, checks } = await auditFile(text, { bundle, pins, nowMs: Date.now() })
    const code = checks.find(({ result }) => result === 'fail')?.code ?? 'none'
    audited.push({ name, verdict, code, nextStep })
  }
  return audited
}
