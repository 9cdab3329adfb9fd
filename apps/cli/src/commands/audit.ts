/**
 * `chengxin audit`: checking without trusting whoever is asked. A certificate's verdict is also the exit code: 0 valid,
 * 1 not valid, 2 undecided; 3 means that nothing could be checked.
 */
import {
  auditFile,
  type Check,
  checkCodes,
  isCheckCode,
  nextSteps,
  openCoseReceipt,
  openReceipt,
  type Report,
  webPlatform,
} from '@chengxin/audit'
import { isPdf } from '@chengxin/audit/is-pdf'
import { certificateInPdf } from '@chengxin/audit/pdf'
import { fromUtf8, isRefusal } from '@chengxin/kernel'
import type { Command } from 'commander'
import { type OpenTrusted, rememberBundle, rememberedPins, trustedBundle } from '../bundle-file.ts'
import { example } from '../example.ts'
import type { Facts, Output, Tone } from '../output.ts'
import { readBytes, readText } from '../read-text.ts'
import { surroundingsOf } from '../surroundings.ts'
import { addContradictionAudit } from './audit-contradiction.ts'
import { addAuditLog } from './audit-log.ts'
import { addStoreAudit } from './programs.ts'

const exitCodes = { valid: 0, not_valid: 1, undecided: 2 } as const

interface CertificateOptions {
  readonly bundle?: string
  readonly group?: string
}

export function addAudit(program: Command): void {
  const audit = program.command('audit').description('check a certificate, a receipt, a log or a store by yourself')

  const certificate = audit
    .command('certificate <file>', { isDefault: true })
    .description('check a certificate, or the one attached to a PDF, offline; “audit FILE” is the same')
    .option('--bundle <file>', 'the trust bundle of the group; without it nothing is called unrevoked')
    .action(async (file: string, options: CertificateOptions) => {
      const { output, settings } = surroundingsOf(certificate)
      const { group } = certificate.optsWithGlobals<CertificateOptions>()
      const bytes = await readBytes(file)
      const bundle = options.bundle === undefined ? undefined : await readText(options.bundle)
      const pins = bundle === undefined ? undefined : await rememberedPins(bundle, settings.pinsFile, group)
      const given = { bundle, pins, nowMs: Date.now() }
      const report = isPdf(bytes)
        ? await auditFile(await certificateInPdf(bytes), { ...given, attachedTo: 'pdf' })
        : await auditFile(Buffer.from(bytes).toString('utf8'), given)
      if (bundle !== undefined) await rememberBundle(bundle, pins, settings.pinsFile)
      tell(output, file, report)
      process.exitCode = exitCodes[report.verdict]
    })
  example(
    certificate,
    'chengxin audit diploma.sd-jwt --bundle bundle.json',
    'chengxin audit printed-form.pdf --bundle bundle.json',
    'chengxin audit diploma.sd-jwt --bundle bundle.json --group ID --json',
  )

  const receipt = audit
    .command('receipt <file>')
    .description('check that a receipt’s transaction stands in the log, offline: a C2SP tlog-proof or a COSE receipt')
    .requiredOption('--bundle <file>', 'the trust bundle of the group, which names the keys of the log')
    .action(async (file: string) => {
      const { output, settings } = surroundingsOf(receipt)
      const bundle = await trustedBundle(receipt.optsWithGlobals<OpenTrusted>(), settings.pinsFile)
      const bytes = await readBytes(file)
      const cose = coseReceiptIn(bytes)
      const opened = cose
        ? openCoseReceipt(webPlatform, cose, bundle.policy)
        : openReceipt(webPlatform, fromUtf8(bytes) ?? '', bundle.policy)
      if (isRefusal(opened)) {
        process.exitCode = exitCodes.not_valid
        output.facts({ file, valid: false, code: opened.refused, sentence: sentenceOfCheck(opened.refused) })
        return
      }
      const { leaf, transaction, index, checkpoint, cosignatures } = opened
      output.facts({
        file,
        valid: true,
        format: cose ? 'cose' : 'tlog-proof',
        transaction: transaction.id,
        code: leaf.code,
        height: leaf.height,
        time: new Date(leaf.timeMs).toISOString(),
        leafIndex: index,
        logSize: checkpoint.size,
        origin: checkpoint.origin,
        cosignatures,
      })
    })
  example(
    receipt,
    'chengxin audit receipt receipt.tlog-proof --bundle bundle.json',
    'chengxin audit receipt receipt.cose --bundle bundle.json',
  )

  addAuditLog(audit)
  addContradictionAudit(audit)
  addStoreAudit(audit)
}

/** How the tag of a COSE_Sign1 is written, as bytes and at the beginning of base64. */
const coseTag = 0xd2
const coseBase64 = /^0o[Q-T][A-Za-z0-9+/]+=*\s*$/

/** A COSE receipt as `log receipt` writes it into a file, or prints it. */
function coseReceiptIn(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] === coseTag) return bytes
  const text = fromUtf8(bytes)
  return text !== undefined && coseBase64.test(text) ? Buffer.from(text, 'base64') : undefined
}

const verdicts: { readonly [verdict in Report['verdict']]: readonly [Tone, string] } = {
  valid: ['good', 'VALID'],
  not_valid: ['bad', 'NOT VALID'],
  undecided: ['unsure', 'CANNOT BE DECIDED'],
}
const marks: { readonly [result in Check['result']]: readonly [Tone, string] } = {
  pass: ['good', '✓'],
  fail: ['bad', '✗'],
  unknown: ['unsure', '?'],
}

function tell(output: Output, file: string, report: Report): void {
  const { verdict, nextStep, asOf, attachedTo, certificate, checks } = report
  const [tone, word] = verdicts[verdict]
  const lines = [`${output.paint(tone, word)}  ${file}`, nextSteps[nextStep]]
  if (attachedTo === 'pdf' && certificate !== undefined) {
    lines.push('Of the certificate attached to the PDF; what is drawn on its pages proves nothing.')
  }
  lines.push('')
  for (const check of checks) {
    const [checkTone, mark] = marks[check.result]
    const sentence = check.code === undefined ? '' : `${sentenceOfCheck(check.code)}${keeperIn(check)}`
    lines.push(`  ${output.paint(checkTone, mark)} ${check.name.padEnd(10)} ${sentence}`.trimEnd())
  }
  if (asOf !== undefined) {
    const age = new Date(asOf.bundleIssuedAtMs).toISOString()
    lines.push(
      '',
      output.paint(
        'quiet',
        `As of ${asOf.origin}, ${asOf.size} entries; trust bundle ${asOf.bundleSequence} of ${age}.`,
      ),
    )
  }
  output.facts({ file, ...report } as unknown as Facts, lines.join('\n'))
}

/** Where the issuer was dissolved: who keeps its certificates of this type, and since when. */
function keeperIn({ code, facts }: Check): string {
  const { name, successor, successorName, keptSinceMs } = facts
  if (code !== 'issuer_succeeded') return ''
  const since = new Date(Number(keptSinceMs)).toISOString()
  return ` Issued by ${String(name)}, kept by ${String(successorName ?? successor)} since ${since}.`
}

function sentenceOfCheck(code: string): string {
  return isCheckCode(code) ? checkCodes[code][2] : code
}
