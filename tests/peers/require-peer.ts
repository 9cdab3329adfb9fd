/**
 * Foreign programs that a test holds us against. They are not ours to install: where one is missing its tests are
 * skipped and say what is missing and how to get it, and with CHENGXIN_REQUIRE_PEERS=1 that is a failure.
 */

/** Whether the peer is there, by a check that may throw. Prints one sentence, or throws it, where it is not. */
export function requirePeer(name: string, check: () => boolean, howToGet: string): boolean {
  if (isThere(check)) return true
  const sentence = `${name} is missing here. To run the tests that need it: ${howToGet}`
  if (process.env.CHENGXIN_REQUIRE_PEERS === '1') throw new Error(sentence)
  console.warn(`Skipped: ${sentence}`)
  return false
}

function isThere(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}
