/**
 * The same transfers on PostgreSQL: double entry in one stored function, durable (fsync and synchronous commit on), 32
 * clients, prepared statements, driven by PostgreSQL's own pgbench. Unsigned: it has less to do than a ledger.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchRow, MissingRow } from './row.ts'

const schema = `
create table accounts (id int primary key, debits bigint not null default 0, credits bigint not null default 0);
create table transfers (id bigserial primary key, debit_account int not null, credit_account int not null,
  amount bigint not null, at timestamptz not null default now());
insert into accounts select i, 0, 1000000000 from generate_series(1, 1000) i;
create function transfer(debit int, credit int, units bigint) returns void language plpgsql as $$
begin
  -- Rows are locked in the order of their ids, so that transfers in both directions cannot deadlock.
  perform 1 from accounts where id in (debit, credit) order by id for update;
  update accounts set debits = debits + units where id = debit and credits - debits >= units;
  if not found then raise exception 'balance_too_low'; end if;
  update accounts set credits = credits + units where id = credit;
  insert into transfers (debit_account, credit_account, amount) values (debit, credit, units);
end $$;
`

const script = `
\\set debit random(1, 1000)
\\set step random(1, 999)
\\set credit 1 + (:debit - 1 + :step) % 1000
select transfer(:debit, :credit, 1);
`

export async function benchPostgres(seconds: number): Promise<BenchRow | MissingRow> {
  const binaries = findBinaries()
  if (binaries === undefined) {
    return { name: 'peer.postgres', missing: 'PostgreSQL server binaries (Debian: apt-get install postgresql)' }
  }
  const directory = mkdtempSync(join(tmpdir(), 'chengxin-bench-pg-'))
  const cluster = startCluster(binaries, directory)
  try {
    cluster.psql(schema)
    const file = join(directory, 'transfer.sql')
    writeFileSync(file, script, { mode: 0o644 })
    const options = ['-n', '-f', file, '-c', '32', '-j', '2', '-M', 'prepared', '-h', cluster.socket, '-U', 'bench']
    const logPrefix = join(directory, 'log')
    const run = cluster.run(join(binaries, 'pgbench'), [
      ...options,
      '-T',
      String(seconds),
      '-l',
      '--log-prefix',
      logPrefix,
      'postgres',
    ])
    const rate = /tps = ([\d.]+)/.exec(run)?.[1]
    if (rate === undefined) throw new Error(`pgbench printed no rate:\n${run}`)
    const latencies = readLatencies(directory)
    return {
      name: 'peer.postgres',
      perSecond: Number(rate),
      p50Ms: latencies.at(50),
      p99Ms: latencies.at(99),
      how: 'double entry in a stored function, fsync and synchronous_commit on, 32 clients, pgbench -M prepared, unsigned',
      facts: { version: cluster.version },
    }
  } finally {
    cluster.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

function findBinaries(): string | undefined {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return undefined
  return readdirSync(root)
    .sort((left, right) => Number(right) - Number(left))
    .map((version) => join(root, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pgbench')))
}

interface Cluster {
  readonly socket: string
  readonly version: string
  run(program: string, args: readonly string[]): string
  psql(sql: string): void
  stop(): void
}

/** A throw-away cluster on a socket of its own. PostgreSQL refuses to run as root, so root lends it the user `postgres`. */
function startCluster(binaries: string, directory: string): Cluster {
  const isRoot = process.getuid?.() === 0
  const data = join(directory, 'data')
  mkdirSync(data)
  if (isRoot) execFileSync('chown', ['-R', 'postgres', directory])
  const run = (program: string, args: readonly string[]): string => {
    const [command, rest] = isRoot ? ['runuser', ['-u', 'postgres', '--', program, ...args]] : [program, [...args]]
    const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', cwd: directory })
    if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
    return stdout
  }
  run(join(binaries, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust', '--no-instructions'])
  const settings = `-k ${directory} -c listen_addresses='' -c shared_buffers=256MB -c max_wal_size=4GB`
  run(join(binaries, 'pg_ctl'), ['-D', data, '-l', join(directory, 'server.log'), '-o', settings, '-w', 'start'])
  return {
    socket: directory,
    version: run(join(binaries, 'postgres'), ['--version']).trim(),
    run,
    psql: (sql) => {
      const file = join(directory, 'schema.sql')
      writeFileSync(file, sql, { mode: 0o644 })
      run(join(binaries, 'psql'), [
        '-q',
        '-v',
        'ON_ERROR_STOP=1',
        '-h',
        directory,
        '-U',
        'bench',
        '-f',
        file,
        'postgres',
      ])
    },
    stop: () => run(join(binaries, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop']),
  }
}

/** Percentiles of pgbench's transaction logs, whose third column is the latency in microseconds. */
function readLatencies(directory: string): { at(percent: number): number } {
  const files = readdirSync(directory)
    .filter((name) => name.startsWith('log.'))
    .map((name) => join(directory, name))
  const sorted = execFileSync('sh', ['-c', 'cut -d" " -f3 "$@" | sort -n', 'sh', ...files], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  const micros = sorted.trimEnd().split('\n').map(Number)
  return { at: (percent) => (micros[Math.max(0, Math.ceil((micros.length * percent) / 100) - 1)] ?? Number.NaN) / 1000 }
}
