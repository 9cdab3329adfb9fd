/** Every limit that members must agree on, with its reason. Limits of one node's resources live in that node's settings. */
export const limits = {
  /** A transaction as compact JWS. A tlog-tiles entry holds at most 65,535 bytes, and the leaf wraps the JWS. */
  transactionBytes: 48 * 1024,
  /** Actions of one transaction. */
  actions: 64,
  /** Nesting of a payload: `{actions:[{args:{…}}]}` takes three, arguments get the rest. */
  payloadDepth: 12,
  /** How far ahead of block time a transaction may expire; used nonces are remembered as long. */
  notAfterAheadMs: 10 * 60 * 1000,
  /**
   * How far block time may lie behind the clocks of the members: the time of a block is that of the votes for the one before
   * it, which in an idle group is as old as its heartbeat, and clocks differ by seconds. What begins later than block time
   * by no more than this has begun.
   */
  blockTimeLagMs: 2 * 60 * 1000,
  /** A nonce is 8 to 32 characters of base64url: 22 carry 128 random bits. */
  nonceChars: { min: 8, max: 32 },
  /** The largest amount of money in the smallest unit: fits a signed 64-bit integer, as SQL's bigint does. */
  amount: 2n ** 63n - 1n,
  /** Leaves of one block under the embedded ordering; bounds memory and the time to the next acknowledgement. */
  blockTransactions: 4096,
  /** Bytes of transactions in one block. */
  blockBytes: 4 * 1024 * 1024,
  /** Approvals kept on one proposal, members of a committee. */
  committee: 64,
} as const
