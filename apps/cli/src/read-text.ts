import { readFile } from 'node:fs/promises'
import { CliFault } from './fault.ts'

/** Nothing could be checked: neither good news nor bad. */
export const unreadable = 3

/** The text of a file that is to be checked. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    throw new CliFault(`${path} cannot be read.`, unreadable)
  }
}

/** The bytes of a file that is to be checked. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch {
    throw new CliFault(`${path} cannot be read.`, unreadable)
  }
}
