/**
 * A PostgreSQL server of one's own for tests: a fresh cluster in a temporary directory, reached by its Unix socket
 * alone, so that no port can clash and nothing outside the machine can see it.
 */
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const postgresHowToGet = 'apt install postgresql (any version from 13 on)'

export interface TestPostgres {
  /** For `DATABASE_URL`: superuser, database `postgres`, over a Unix socket. */
  readonly url: string
  readonly directory: string
  /** Ends every connection and starts the server again, as an operator's restart would. */
  restart(): Promise<void>
  /** Stops the server and deletes its files. */
  stop(): Promise<void>
}

export interface TestPostgresOptions {
  /** Settings beyond the defaults, such as `{ synchronous_commit: 'on' }`. */
  readonly settings?: { readonly [name: string]: string }
}

/** The folder of the newest server's programs on this machine, or undefined. */
export function findPostgres(): string | undefined {
  const home = '/usr/lib/postgresql'
  const versions = existsSync(home) ? readdirSync(home).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(home, version, 'bin')), '/usr/local/bin', '/opt/homebrew/bin']
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

export async function startPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const programs = findPostgres()
  if (programs === undefined) throw new Error(`PostgreSQL is not installed: ${postgresHowToGet}.`)
  const directory = mkdtempSync(join(tmpdir(), 'chengxin-postgres-'))
  const owner = postgresOwner()
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)
  const data = join(directory, 'data')
  const initdb = asOwner(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '-N'])
  execFileSync(initdb.file, initdb.args, { stdio: 'pipe', cwd: directory, env: { ...process.env, LC_ALL: 'C' } })
  const settings = { listen_addresses: '', unix_socket_directories: directory, ...options.settings }
  const serverArgs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const start = () => startServer(programs, directory, ['-D', data, ...serverArgs])

  let stopServer = await start()
  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(directory)}`,
    directory,
    restart: async () => {
      await stopServer()
      stopServer = await start()
    },
    stop: async () => {
      await stopServer()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function startServer(programs: string, directory: string, args: readonly string[]): Promise<() => Promise<void>> {
  const server = asOwner(join(programs, 'postgres'), args)
  const child = spawn(server.file, server.args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000)
  })
  // A test that dies before its cleanup must not leave a server behind.
  const stopWithUs = (): boolean => child.kill('SIGINT')
  process.once('exit', stopWithUs)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const socket = join(directory, '.s.PGSQL.5432')
  while (!(existsSync(socket) && said.includes('ready to accept connections'))) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL did not start: ${said}`)
    await sleep(20)
  }
  return async () => {
    // SIGINT is PostgreSQL's fast shutdown. Under runuser the signal is passed on to the server.
    child.kill('SIGINT')
    await ended
    process.off('exit', stopWithUs)
  }
}

/** PostgreSQL refuses to run as root, so root hands it to the system's own user for it. */
function postgresOwner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function asOwner(file: string, args: readonly string[]): { readonly file: string; readonly args: string[] } {
  if (process.getuid?.() !== 0) return { file, args: [...args] }
  return { file: 'setpriv', args: ['--reuid=postgres', '--regid=postgres', '--clear-groups', file, ...args] }
}
