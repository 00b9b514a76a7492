// fault 31: kill -9 of the server under load; after a restart every acknowledged
// chunk is there, once. Writers go on through the crash as a recorder would:
// what was not acknowledged is sent again with the same number.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { chunks, custom, dump, envelope, newId, page, post, project, Server, setUp, until } from './lib.mjs'

const writers = 16
const origin = 'http://site.localhost'
// make soak gives minutes and a seed; the moments of the kills follow from it.
const minutes = Number(process.env.FOOTPATH_SOAK ?? 0)
const seed = Number(process.env.FOOTPATH_SEED ?? 1)
const average = 2200 // ms of load between two kills
const rounds = minutes ? Math.ceil((minutes * 60_000) / average) : process.env.FOOTPATH_ALL ? 10 : 3

// A small generator (mulberry32), so that a seed repeats a run.
function random(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('kill -9 under load', () => {
  let server, api, key
  const acknowledged = new Map() // "session record seq" → number in the event
  let unanswered = 0
  let stop = false

  before(async () => {
    server = await Server.start()
    api = await setUp(server)
    key = (await project(api, { domains: ['site.localhost'] })).key
  })

  after(async () => {
    stop = true
    await server?.dispose()
  })

  // One writer: sessions of 20 chunks, each chunk one event with its own number.
  async function write(id) {
    let number = id * 1_000_000
    while (!stop) {
      const who = { project: key, session: newId(), visitor: newId(), record: newId() }
      let token = ''
      for (let seq = 0; seq < 20 && !stop; seq++) {
        number++
        const events = [custom('load', number)]
        if (seq === 0) events.unshift(page(origin + '/'))
        for (;;) {
          if (stop) return
          try {
            const answer = await post(server.url, envelope({ ...who, seq, token, events }), { origin })
            if (answer.status === 202) {
              const body = await answer.json()
              assert.deepEqual(body.durable.includes(seq), true)
              token = body.token ?? token
              acknowledged.set(`${who.session} ${who.record} ${seq}`, number)
              break
            }
            if (answer.status === 429 || answer.status === 503) {
              assert.ok(answer.headers.get('retry-after'), `${answer.status} says when to come again`)
              await sleep(250)
              continue
            }
            throw new Error(`writer ${id}: ${answer.status} ${answer.headers.get('footpath-reason')} ${await answer.text()}`)
          } catch (e) {
            if (e.name !== 'TypeError') throw e // a broken connection: send it again
            unanswered++
            await sleep(50)
          }
        }
      }
    }
  }

  test(`${rounds} crashes (seed ${seed}), then each acknowledged chunk once`, { timeout: 240_000 + minutes * 90_000 }, async () => {
    const next = random(seed)
    const load = Promise.all(Array.from({ length: writers }, (_, i) => write(i + 1)))
    load.catch(() => (stop = true))
    for (let i = 0; i < rounds; i++) {
      const before = acknowledged.size
      await sleep(average * (0.5 + next()))
      assert.ok(acknowledged.size > before, 'the load is no load: nothing was acknowledged')
      await server.kill()
      const { dir, port, output } = server
      server = await Server.start({ dir, port })
      server.own = true
      assert.ok(!/panic/.test(output), output)
    }
    await sleep(500)
    stop = true
    await load
    assert.ok(unanswered > 0, 'no request was under way when the server died; the test shows nothing')

    // A repeat of what was acknowledged is acknowledged again, and stored once
    // (faults 1, 2): the last 100 chunks, without their token's luck.
    for (const [k, number] of [...acknowledged].slice(-100)) {
      const [session, record, seq] = k.split(' ')
      const again = envelope({ project: key, session, visitor: newId(), record, seq: Number(seq), events: [custom('load', number)] })
      const { status } = await post(server.url, again, { origin })
      assert.ok(status === 202 || status === 409, `repeat: ${status}`)
    }

    await until('all events counted', async () => {
      const sessions = await api.sessions(key, '&limit=1')
      return sessions.total >= new Set([...acknowledged.keys()].map((k) => k.split(' ')[0])).size
    }, { timeout: 60_000, every: 500 })
    await server.stop()

    const stored = await chunks(await dump(server.dir, 'crash'))
    const seen = new Map()
    for (const c of stored) {
      const k = `${c.session} ${c.record} ${c.seq}`
      const numbers = c.events.filter((e) => e.k === 'custom').map((e) => e.d.p.number)
      assert.equal(seen.has(k), false, `chunk ${k} stands in the log twice`)
      seen.set(k, numbers)
    }
    for (const [k, number] of acknowledged) {
      assert.deepEqual(seen.get(k), [number], `acknowledged chunk ${k}`)
    }
    console.log(`# ${acknowledged.size} chunks acknowledged, ${stored.length} stored, ${unanswered} requests broken by ${rounds} crashes`)
  })
})
