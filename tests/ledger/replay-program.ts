/** Replays the log in a directory with the rules on its shelf, in their realm, and prints the report. */
import { replayLog } from '../../packages/ledger/src/replay/replay-log.ts'

process.stdout.write(JSON.stringify(replayLog(process.argv[2] as string)))
