/**
 * What members sign of a group's log and of each other's: cosignatures as they are exchanged, the state's root, proofs of
 * contradictions, the consortium as this node hears it; and this node as a witness of other logs (C2SP tlog-witness).
 */
import { type Answer, bytesAnswer, jsonAnswer, mediaTypes, textAnswer } from '../answer.ts'
import { type Call, type Endpoint, groupOf, groupPath, type Refused, refusedWith } from '../endpoint.ts'
import type { GroupWitnessing, WitnessDesk } from '../options.ts'
import { count, hash, list, object, oneOf, text, timeMs } from '../schemas.ts'

/** Members and the curious who may wait for the next checkpoint at the same time; more are answered at once. */
const waitersAtOnce = 256
const longestWaitMs = 20_000

const flag = { type: 'boolean' } as const
const ruleset = object({ version: text, hash: text })

const member = object(
  {
    memberId: text,
    organisation: text,
    status: oneOf('active', 'suspended', 'removed'),
    isSelf: flag,
    contact: oneOf('self', 'heard', 'silent', 'unknown'),
    hasCosigned: flag,
  },
  {
    fault: text,
    heardAtMs: timeMs,
    height: count,
    size: count,
    timeMs,
    version: text,
    ruleset,
    lagLeaves: count,
  },
)

const contradiction = object({
  id: hash,
  kind: oneOf('two_roots', 'history_rewritten', 'two_states'),
  sizes: list(count),
  foundAtMs: timeMs,
  signedBy: list(text),
  equivocating: list(text),
})

const consortium = object({
  memberId: text,
  version: text,
  height: count,
  size: count,
  timeMs,
  ruleset,
  quorum: object({ needed: count, members: list(text) }, { size: count }),
  members: list(member),
  contradictions: list(contradiction),
  witnesses: list(object({ name: text }, { size: count, fault: text })),
})

const cosignatures = object(
  {
    memberId: text,
    height: count,
    size: count,
    timeMs,
    version: text,
    ruleset,
    checkpoints: list({ type: 'string', description: 'A checkpoint, signed and cosigned by this member alone.' }),
    contradictions: list(hash),
  },
  { state: { type: 'string', description: 'This member’s state checkpoint.' } },
)

export function witnessEndpoints(desk: WitnessDesk | undefined): readonly Endpoint[] {
  return [...logWitnessEndpoints(), ...(desk === undefined ? [] : [addCheckpoint(desk)])]
}

function logWitnessEndpoints(): readonly Endpoint[] {
  let waiting = 0
  const cosignaturesAfter = async (witnessing: GroupWitnessing, call: Call): Promise<Answer> => {
    const waitMs = waiting < waitersAtOnce ? Number(call.query['waitMs'] ?? 0) : 0
    waiting++
    try {
      return jsonAnswer(await witnessing.answer(Number(call.query['from'] ?? -1), waitMs))
    } finally {
      waiting--
    }
  }
  return [
    {
      method: 'GET',
      path: `${groupPath}/log/cosignatures`,
      id: 'listCosignatures',
      tag: 'log',
      summary: 'The newest checkpoints that this member has signed and cosigned, each after its own commit.',
      about:
        'Members ask each other. `waitMs` holds the answer back until there is a checkpoint of more leaves than `from`. What is not signed is this node’s claim.',
      access: 'open',
      query: {
        from: { schema: { type: 'integer', minimum: -1 }, about: 'Only of more leaves than this.' },
        waitMs: { schema: { type: 'integer', minimum: 0, maximum: longestWaitMs }, about: 'How long to wait for one.' },
      },
      answers: {
        200: { about: 'Smaller sizes first; 32 at most.', content: { 'application/json': cosignatures } },
      },
      refusals: ['not_found'],
      answer: async (call) => answerOf(call, (witnessing) => cosignaturesAfter(witnessing, call)),
    },
    {
      method: 'GET',
      path: `${groupPath}/log/state-checkpoint`,
      id: 'showStateCheckpoint',
      tag: 'log',
      summary: 'The newest agreed state root, as a note signed by every member that was heard to say the same.',
      about: 'Together with a proof of a row it shows to others, and to other groups, what holds here.',
      access: 'open',
      crossOrigin: true,
      answers: { 200: { about: 'A signed note of the log `<origin>#state`.', content: { 'text/plain': text } } },
      refusals: ['not_found'],
      answer: async (call) => {
        const { ledger, witnessing } = groupOf(call)
        const note = witnessing === undefined ? ledger.stateCheckpoint() : witnessing.stateCheckpoint()
        return note === undefined ? refusedWith('not_found') : textAnswer(note)
      },
    },
    {
      method: 'GET',
      path: `${groupPath}/log/contradictions`,
      id: 'listContradictions',
      tag: 'log',
      summary: 'Proofs that the log has told two stories. Empty, unless a member lies or is broken.',
      access: 'open',
      crossOrigin: true,
      answers: {
        200: {
          about: 'What this node found or was shown, oldest first.',
          content: { 'application/json': object({ contradictions: list(contradiction) }) },
        },
      },
      refusals: ['not_found'],
      answer: async (call) =>
        answerOf(call, (witnessing) => jsonAnswer({ contradictions: witnessing.contradictions() })),
    },
    {
      method: 'GET',
      path: `${groupPath}/log/contradictions/{id}`,
      id: 'showContradiction',
      tag: 'log',
      summary: 'One proof: two signed checkpoints that cannot both be of one log. It is checked offline.',
      access: 'open',
      crossOrigin: true,
      params: { id: hash },
      answers: { 200: { about: 'The proof, as it was hashed.', content: { 'application/json': { type: 'object' } } } },
      refusals: ['not_found'],
      answer: async (call) =>
        answerOf(call, (witnessing) => {
          const proof = witnessing.contradiction(call.params['id'] ?? '')
          if (proof === undefined) return refusedWith('not_found')
          return { status: 200, mediaType: mediaTypes.json, caching: 'forever', body: proof }
        }),
    },
    {
      method: 'GET',
      path: `${groupPath}/consortium`,
      id: 'showConsortium',
      tag: 'groups',
      summary: 'The members as this node hears them: how far each is, who cosigned, which rules and version each runs.',
      access: 'open',
      answers: { 200: { about: 'As of now, by this node alone.', content: { 'application/json': consortium } } },
      refusals: ['not_found'],
      answer: async (call) => answerOf(call, (witnessing) => jsonAnswer(witnessing.consortium())),
    },
  ]
}

async function answerOf(
  call: Call,
  answer: (witnessing: GroupWitnessing) => Answer | Refused | Promise<Answer | Refused>,
): Promise<Answer | Refused> {
  const { witnessing } = groupOf(call)
  return witnessing === undefined ? refusedWith('not_found') : answer(witnessing)
}

function addCheckpoint(desk: WitnessDesk): Endpoint {
  const refused = (about: string) => ({ about, content: { 'text/plain': text } })
  return {
    method: 'POST',
    path: '/witness/add-checkpoint',
    id: 'addCheckpoint',
    tag: 'node',
    summary: 'A log asks this node to cosign its checkpoint (C2SP tlog-witness).',
    about: 'For logs on this node’s list. The prefix to give to a log is this node’s address and `/witness`.',
    access: 'open',
    body: { limit: 64 * 1024, content: { 'text/plain': text }, raw: true },
    answers: {
      200: { about: 'Lines of signatures, to be added to the checkpoint.', content: { 'text/plain': text } },
      400: refused('The request cannot be read.'),
      403: refused('The checkpoint is signed by none of the log’s keys.'),
      404: refused('The log is not on the list.'),
      409: { about: 'Another size was cosigned last: it is in the body.', content: { 'text/x.tlog.size': text } },
      422: refused('The checkpoint does not continue the one cosigned last.'),
    },
    refusals: [],
    answer: async ({ body }) => {
      const request = body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : ''
      const { status, mediaType, body: answered } = await desk.addCheckpoint(request)
      return bytesAnswer(Buffer.from(answered), { status, mediaType })
    },
  }
}
