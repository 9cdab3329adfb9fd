/**
 * Commands that are the node's own program at work: replay, benchmark, demonstrations, reading a store to its end. They
 * run beside a node, not through it, and so are started as programs of their own.
 */
import { type Command, Option } from 'commander'
import { example } from '../example.ts'
import { readCliSettings } from '../settings.ts'
import { type GlobalOptions, optional, runNode } from './run-node.ts'

export function addReplay(program: Command): void {
  const replay = program
    .command('replay')
    .description('rebuild the state from the log, each range with its own rules, and compare every hash')
    .option('--data <directory>', 'the data directory of a node; CHENGXIN_DATA or ./data if absent')
    .option('--rebuild', 'make a lost or damaged state anew; the node must not run')
    .option('--count <type>', 'count events of a type on the way, such as accounts.transferred')
    .action(({ data, rebuild, count }: { data?: string; rebuild?: boolean; count?: string }) => {
      const passed = [...optional('--data', data), ...optional('--count', count), ...(rebuild ? ['--rebuild'] : [])]
      return runNode(replay, ['replay', ...passed])
    })
  example(replay, 'chengxin replay', 'chengxin replay --data /srv/chengxin --json')
}

export function addStoreAudit(audit: Command): void {
  const store = audit
    .command('store')
    .description('read everything a node has stored, and name every damaged byte')
    .option('--data <directory>', 'the data directory of a node; CHENGXIN_DATA or ./data if absent')
    .action((options: { data?: string }) => runNode(store, ['audit-store', ...optional('--data', options.data)]))
  example(store, 'chengxin audit store')
}

export function addBench(program: Command): void {
  const bench = program
    .command('bench')
    .description('measure this machine: signatures, transfers, receipts, and peers that are installed')
    .option('--scale <factor>', '0.1 measures a tenth of everything')
    .option('--growth <leaves>', 'fill the log so far and look at memory and start-up; 0 leaves that out')
    .option('--only <rows>', 'rows whose names contain one of these, by commas')
    .action(({ scale, growth, only }: { scale?: string; growth?: string; only?: string }) => {
      const passed = [...optional('--scale', scale), ...optional('--growth', growth), ...optional('--only', only)]
      return runNode(bench, ['bench', ...passed])
    })
  example(bench, 'chengxin bench --json', 'chengxin bench --only inprocess --scale 0.2')
}

export function addDemo(program: Command): void {
  const demo = program.command('demo').description('show the whole of a thing at work, against a running node')
  const certificates = demo
    .command('certificates')
    .description('turn a CSV of graduates into anchored certificates, revoke one, forge one, and check them offline')
    .requiredOption('--csv <file>', 'the graduates')
    .option('--out <directory>', 'where to write certificates and the trust bundle', 'demo-certificates')
    .option('--bureau-url <address>', 'the node of the identity bureau, in a consortium; the one of --url if absent')
    .option('--verifier-url <address>', 'the node of whoever verifies, in a consortium; the one of --url if absent')
    .action((options: { csv: string; out: string; bureauUrl?: string; verifierUrl?: string }) => {
      const { url, group } = certificates.optsWithGlobals<GlobalOptions>()
      const node = [
        ...['--url', url ?? readCliSettings(process.env).url],
        ...optional('--bureau-url', options.bureauUrl),
        ...optional('--verifier-url', options.verifierUrl),
        ...optional('--group', group),
      ]
      return runNode(certificates, ['demo', 'certificates', '--csv', options.csv, '--out', options.out, ...node])
    })
  example(certificates, 'chengxin demo certificates --csv samples/graduates.csv')
  const macau = demo
    .command('macau')
    .description(
      'play the whole scheme at the desks of a sample city: confirm, issue, show, verify, revoke, verify again',
    )
    .action(() => {
      const { url } = macau.optsWithGlobals<GlobalOptions>()
      return runNode(macau, ['demo', 'macau', '--url', url ?? readCliSettings(process.env).url])
    })
  example(macau, 'chengxin demo macau', 'chengxin demo macau --json')
}

export function addVault(program: Command): void {
  const vault = program.command('vault').description('what a node keeps sealed beside the ledger')
  const verbs = [
    ['status', 'how many records, under which kind of key'],
    ['rotate', 'a new master key; CHENGXIN_NEW_PASSPHRASE_FILE names a new passphrase. The node must not run'],
  ] as const
  for (const [verb, about] of verbs) {
    const command = vault.command(verb).description(about).option('--data <directory>', dataAbout)
    command.action(({ data }: { data?: string }) => runNode(command, ['vault', verb, ...optional('--data', data)]))
    example(command, `chengxin vault ${verb}`)
  }
  const copies = [
    ['backup', 'copy all records, and apart from them their keys, into a folder'],
    ['restore', 'fill an empty vault from such a folder; what has been erased since stays erased'],
  ] as const
  for (const [verb, about] of copies) {
    const command = vault.command(verb).description(about).argument('<folder>').option('--data <directory>', dataAbout)
    command.action((folder: string, { data }: { data?: string }) =>
      runNode(command, ['vault', verb, folder, ...optional('--data', data)]),
    )
    example(command, `chengxin vault ${verb} /srv/copies/vault`)
  }
}

export function addSnapshot(program: Command): void {
  const snapshot = program.command('snapshot').description('the state at agreed entries, for members that join')
  const verbs = [
    ['list', 'which snapshots a node keeps, and whether members have agreed on them', 'chengxin snapshot list'],
    ['verify', 'read every chunk and hold it to its hash', 'chengxin snapshot verify --data /srv/chengxin --json'],
    ['take', 'ask the running node for one at the next state root', 'chengxin snapshot take'],
    [
      'restore',
      'make a ledger that one process orders from a snapshot, and bring it up to the end of a log',
      'chengxin snapshot restore --group records --genesis genesis.json --from snapshots/8192 --log old/groups/records --data new',
    ],
  ] as const
  for (const [name, about, shown] of verbs) {
    const verb = snapshot
      .command(name)
      .description(about)
      .allowUnknownOption()
      .argument('[options...]', 'as in the example')
      .action(() => runNode(verb, ['snapshot', name, ...passedAfter(name)]))
    example(verb, shown)
  }
}

export function addInvite(program: Command): void {
  const invite = program
    .command('invite')
    .description('a link by which the first officers of an office come in')
    .requiredOption('--office <office>', 'such as bureau')
    .requiredOption('--roles <roles>', 'by commas, such as bureau_clerk,bureau_officer')
    .option('--data <directory>', dataAbout)
    .action(({ office, roles, data }: { office: string; roles: string; data?: string }) =>
      runNode(invite, ['invite', '--office', office, '--roles', roles, ...optional('--data', data)]),
    )
  example(invite, 'chengxin invite --office bureau --roles bureau_clerk')
}

/** What an operator does for the offices of a node; the node's program says what each takes. */
export function addOffice(program: Command): void {
  const office = program.command('office').description('the offices whose desks a node opens')
  const verbs = [
    ['add', 'make an office’s key, and the request for its certificate', addExample],
    [
      'certify',
      'take the authority’s certificate, and write down what goes to the ledger',
      'chengxin office certify --office university --certificate university.pem',
    ],
    ['list', 'which offices there are, and until when they are certified', 'chengxin office list --json'],
    ['invite', 'a link by which the first officers of an office come in', 'chengxin office invite --office university'],
    ['remove', 'shut an office; its key and its records stay', 'chengxin office remove --office university'],
    [
      'account',
      'let a program use WeIdentity’s functions by keys that this node holds for it',
      'chengxin office account --account registry --weids 20',
    ],
  ] as const
  for (const [name, about, shown] of verbs) {
    const verb = office
      .command(name)
      .description(about)
      .allowUnknownOption()
      .argument('[options...]', 'as in the example')
      .action(() => runNode(verb, ['office', name, ...passedAfter(name)]))
    example(verb, shown)
  }
}

const addExample = 'chengxin office add --office university --kind issuer --facts university.json'

const dataAbout = 'the data directory of a node; CHENGXIN_DATA or ./data if absent'

export function addCertificate(program: Command): void {
  const certificate = program.command('certificate').description('certificates in other formats, by their issuer')
  const exported = certificate
    .command('export <file>')
    .description('sign a certificate of your own as a W3C credential, for holders whose wallets ask for that')
    .requiredOption('--key <name>', 'the key that signed it: one of chengxin keys list, or sample:NAME')
    .addOption(
      new Option('--format <format>', 'W3C data model 2.0 with ecdsa-sd-2023').choices(['vcdm']).default('vcdm'),
    )
    .option('--out <file>', 'where to write it; printed if absent')
    .option('--issuer-name <name>', 'how the issuer is called, beside its DID')
    .action((file: string, options: { key: string; format: string; out?: string; issuerName?: string }) => {
      const { keysDirectory } = readCliSettings(process.env)
      const named = [...optional('--out', options.out), ...optional('--issuer-name', options.issuerName)]
      const signing = ['--format', options.format, '--key', options.key, '--keys', keysDirectory]
      return runNode(exported, ['certificate', 'export', file, ...signing, ...named])
    })
  example(exported, 'chengxin certificate export degree.sd-jwt --format vcdm --key university --out degree.jsonld')
}

export function addAcross(program: Command): void {
  const across = program.command('across').description('facts of one group, used in another')
  const pin = across
    .command('pin')
    .description('make the change by which a committee believes another group, from that group’s trust bundle')
    .requiredOption('--bundle <file>', 'the trust bundle of the other group')
    .requiredOption('--types <ids>', 'types of certificates entrusted to it, by commas')
    .option('--members <ids>', 'only these of its members, by commas')
    .option('--hours <number>', 'how old a state of it may be', '24')
    .action((options: { bundle: string; types: string; members?: string; hours: string }) => {
      const { group } = pin.optsWithGlobals<GlobalOptions>()
      const named = ['--bundle', options.bundle, '--types', options.types, '--hours', options.hours]
      return runNode(pin, [
        'across',
        'pin',
        ...named,
        ...optional('--members', options.members),
        ...optional('--group', group),
      ])
    })
  example(pin, 'chengxin across pin --bundle licences.json --group ID --types type_licence > pin.json')
  const right = across
    .command('right')
    .description(
      'collect the proof of an issuer’s right from a node of the other group; tx send credentials.acceptIssuer takes it',
    )
    .requiredOption('--issuer <did>', 'whose right')
    .requiredOption('--type <id>', 'to which type of certificate')
    .action((options: { issuer: string; type: string }) => {
      const { url, group } = right.optsWithGlobals<GlobalOptions>()
      const named = ['--issuer', options.issuer, '--type', options.type, ...optional('--group', group)]
      return runNode(right, ['across', 'right', '--url', url ?? readCliSettings(process.env).url, ...named])
    })
  example(
    right,
    'chengxin across right --url https://licences.example --issuer did:weid:… --type type_licence > right.json',
  )
}

export function addConsortium(program: Command): void {
  const consortium = program.command('consortium').description('a ledger that several organisations order together')
  const up = consortium
    .command('up')
    .description('run a whole consortium on this machine, for trial, until it is stopped; CometBFT must be installed')
    .option('--members <number>', 'how many members, from 4 on', '4')
    .option('--data <directory>', 'where each member keeps its own; CHENGXIN_DATA or ./consortium if absent')
    .option('--port <number>', 'of the first member’s node; CHENGXIN_PORT or 8080 if absent')
    .action(({ members, data, port }: { members: string; data?: string; port?: string }) => {
      const passed = ['--members', members, ...optional('--data', data), ...optional('--port', port)]
      return runNode(up, ['consortium', 'up', ...passed])
    })
  addFounding(consortium)
  example(up, 'chengxin consortium up', 'chengxin consortium up --members 7 --data /srv/trial --port 9000')
}

/** What organisations do one after the other; the node's program says what each takes. */
function addFounding(consortium: Command): void {
  const steps = [
    ['init', 'make this organisation’s keys, and what it gives to the other founders and to the authority'],
    ['genesis', 'make the shared genesis from what all founders gave, and the group’s name to compare'],
    ['install', 'put the group into this node’s data directory, ready to start'],
    ['admission', 'make the change that admits this organisation to a group that exists, for its committee to pass'],
    ['join', 'install a group that exists; with --from-snapshot the first start begins with the state of the others'],
    ['rotation', 'make the change that gives this member another voting key or certificate, for its committee to pass'],
    ['rotate', 'vote with the new key from the next start on, when the committee has passed it'],
  ] as const
  const examples = {
    init: 'chengxin consortium init --member member_university --organisation "City University" --chain macau --url https://university.example --engine university.example:26656',
    genesis:
      'chengxin consortium genesis --name "Certificates" --origin city.example/groups/certificates --at 2026-11-01T08:00:00Z --threshold 3 --ca ca.pem --certificates certificates offers/*.json',
    admission:
      'chengxin consortium admission --genesis genesis.json --certificate member_bank.pem --out admission.json member_bank.offer.json',
    install: 'chengxin consortium install --group certificates --genesis genesis.json offers/*.json',
    rotation:
      'chengxin consortium rotation --group certificates --voting-key --certificate member_bank.pem --out rotation.json',
    rotate: 'chengxin consortium rotate --group certificates',
    join: 'chengxin consortium join --from-snapshot --group certificates --genesis genesis.json offers/*.json',
  }
  for (const [name, about] of steps) {
    const step = consortium
      .command(name)
      .description(about)
      .allowUnknownOption()
      .argument('[options...]', 'as in the example')
      .action(() => runNode(step, ['consortium', name, ...passedAfter(name)]))
    example(step, examples[name])
  }
}

/** What was typed after the verb: options such as --url mean something of their own here. */
function passedAfter(verb: string): readonly string[] {
  const typed = process.argv.slice(2)
  return typed.slice(typed.indexOf(verb) + 1).filter((word) => word !== '--json')
}
