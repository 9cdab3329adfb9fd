/** Answers of others, read no further than an honest one goes. */

/** The body; undefined where it is longer than so many bytes, and then it is read no further. */
export async function boundedBody(response: Response, mostBytes: number): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += (part as Uint8Array).length
    if (length > mostBytes) {
      await response.body?.cancel().catch(() => undefined)
      return undefined
    }
    parts.push(part as Uint8Array)
  }
  return Buffer.concat(parts)
}
