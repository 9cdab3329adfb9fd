/** Debian's readers of PDF: what they say of a file, and files that they write anew. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { requirePeer } from './require-peer.ts'

export const hasPdfPrograms = requirePeer(
  'poppler-utils or qpdf',
  () => ['pdfdetach', 'pdftotext', 'qpdf'].every((name) => spawnSync(name, ['--version']).error === undefined),
  'apt install poppler-utils qpdf',
)

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

/** The only attachment, as poppler takes it out. */
export function detached(pdf: string): string {
  const listed = run('pdfdetach', '-list', pdf)
  if (!listed.startsWith('1 embedded files')) throw new Error(`poppler finds: ${listed}`)
  const file = `${pdf}.detached`
  run('pdfdetach', '-save', '1', '-o', file, pdf)
  const text = readFileSync(file, 'utf8')
  rmSync(file)
  return text
}

/** What a reader can search and copy, in the order of the page. */
export function textOf(pdf: string): string {
  return run('pdftotext', pdf, '-')
}

/** Throws with what is wrong in the file, warnings included. */
export function checkPdf(pdf: string): void {
  run('qpdf', '--check', pdf)
}

/** The same document as another program writes it: objects packed in streams, in the order of pages, or locked. */
export function rewritten(pdf: string, how: 'packed' | 'locked'): Uint8Array {
  const file = `${pdf}.${how}`
  const packed = ['--object-streams=generate', '--linearize']
  run('qpdf', ...(how === 'packed' ? packed : ['--encrypt', 'reader', 'owner', '256', '--']), pdf, file)
  const bytes = readFileSync(file)
  rmSync(file)
  return bytes
}
