/**
 * What a part was built from, and what came out: a record beside the outputs, written last. A build is current when the
 * record carries the hash of today's sources and every output still stands; it lies in `dist`, so that deleting `dist`
 * deletes it too. The next build removes what the last one wrote, and nothing else that lives in `dist`.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The hash of names and contents of files, or of all files in folders, and of the Node version that builds them. */
export function stampOf(home, paths) {
  const hash = createHash('sha256').update(process.version)
  for (const path of paths.toSorted()) addTo(hash, home, path)
  return hash.digest('base64url')
}

function addTo(hash, home, path) {
  const place = join(home, path)
  if (!existsSync(place)) return
  if (statSync(place).isDirectory()) {
    for (const name of readdirSync(place).toSorted()) addTo(hash, home, `${path}/${name}`)
    return
  }
  if (/\.test\.tsx?$/.test(path)) return
  hash.update(`\n${path}\n`).update(readFileSync(place))
}

export function isCurrent(record, stamp) {
  const last = read(record)
  return last?.stamp === stamp && last.outputs.every((output) => existsSync(join(dirname(record), output)))
}

/** Removes what the last build of this part wrote. */
export function forget(record) {
  for (const output of read(record)?.outputs ?? []) rmSync(join(dirname(record), output), { force: true })
  rmSync(record, { force: true })
}

/** `outputs`: paths relative to the record's folder. */
export function remember(record, stamp, outputs) {
  mkdirSync(dirname(record), { recursive: true })
  writeFileSync(record, `${JSON.stringify({ stamp, outputs: outputs.toSorted() }, null, 1)}\n`)
}

function read(record) {
  try {
    return JSON.parse(readFileSync(record, 'utf8'))
  } catch {
    // No record, or one that a killed build left half: both mean that nothing is known.
    return undefined
  }
}
