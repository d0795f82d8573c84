import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Reply } from '../../src/redis/reply.ts'
import type { Report } from '../../src/scenario/report.ts'
import { createContainerProvider } from '../../src/server/node/container.ts'
import type { RealServerProvider } from '../../src/server/node/redis-server.ts'
import { ServerLostError } from '../../src/server/node/server-lost-error.ts'
import type { RedisServer } from '../../src/server/server.ts'
import { RandomStream } from '../../src/sim/random.ts'
import { build, lockstorm } from '../cli/binary.ts'
import { leaveOut } from '../left-out.ts'
import { LocalDocker, whyNoDocker } from './local-docker.ts'
import { tell } from './story.ts'

const T0_US = 1_800_000_000_000_000
const whyNot = whyNoDocker()

if (whyNot !== null) {
  it('containers', (context) => leaveOut(context, 'Docker', whyNot))
}

describe.runIf(whyNot === null)('a server in a container', () => {
  let docker: LocalDocker
  let provider: RealServerProvider
  const environment = { ...process.env }

  beforeAll(async () => {
    docker = await LocalDocker.start()
    process.env.DOCKER_HOST = docker.host
    process.env.TESTCONTAINERS_RYUK_DISABLED = 'true'
    // The daemon has no bridge network at which testcontainers would look for this machine's address.
    process.env.TESTCONTAINERS_HOST_OVERRIDE = 'localhost'
    provider = await createContainerProvider({ image: docker.image })
  })
  afterAll(async () => {
    await provider?.close()
    await docker?.stop()
    process.env = environment
  })

  function connect(node: RedisServer): (...args: string[]) => Reply[] {
    const replies: Reply[] = []
    const connection = node.connect({ onReply: (reply) => replies.push(reply) })
    return (...args) => {
      connection.execute(args)
      return replies.splice(0)
    }
  }

  it('has virtual time', () => {
    expect([provider.deterministic, provider.warning]).toEqual([true, null])
    expect(provider.description).toMatch(/^image lockstorm-test\/redis:local \(\d+\.\d+\.\d+\), virtual time$/)
    const node = provider.node('redis-1', { seed: 's', nowUs: T0_US })
    const call = connect(node)
    call('SET', 'k', 'v', 'PX', '500')
    node.setClock(T0_US + 500_000)
    expect([call('PTTL', 'k'), call('TIME')]).toEqual([[0], [['1800000000', '500000']]])
    node.setClock(T0_US + 501_000)
    expect(call('GET', 'k')).toEqual([null])
    node.stop()
  })

  it('answers the command line, in as many workers as it likes, and every container is gone afterwards', async () => {
    await build()
    const before = docker.containers('running')
    const output = fs.mkdtempSync(path.join(os.tmpdir(), 'lockstorm-container-'))
    const env = {
      DOCKER_HOST: docker.host,
      TESTCONTAINERS_RYUK_DISABLED: 'true',
      TESTCONTAINERS_HOST_OVERRIDE: 'localhost',
    }
    const hashes = (...flags: string[]) => {
      const args = ['run', 'no-fault', '--client', 'direct', '--only', 'naive,set-nx-lua', '--json', '--output', output]
      const { code, stdout } = lockstorm([...args, ...flags], { env })
      expect(code).toBe(0)
      return (JSON.parse(stdout) as Report).cells.map(({ historyHash }) => historyHash)
    }
    const inContainers = hashes('--redis', 'container', '--image', docker.image, '--workers', '2')
    expect(inContainers).toEqual(hashes())
    expect(docker.containers('running')).toEqual(before)
    fs.rmSync(output, { recursive: true })
  })

  it('starts more nodes when a world needs them, and restarts them with and without data', () => {
    const nodes = ['redis-1', 'redis-2', 'redis-3'].map((name) => provider.node(name, { seed: 's', nowUs: T0_US }))
    for (const node of nodes) connect(node)('SET', 'k', 'v')
    nodes[0]!.restart('all')
    nodes[1]!.restart('nothing')
    expect(nodes.map((node) => connect(node)('GET', 'k'))).toEqual([['v'], [null], ['v']])
    for (const node of nodes) node.stop()
  })

  it('tells a story twice alike', () => {
    const story = (): string[] => {
      const node = provider.node('redis-1', { seed: 's', nowUs: T0_US })
      try {
        return tell(node, new RandomStream('container'), 200, T0_US)
      } finally {
        node.stop()
      }
    }
    expect(story()).toEqual(story())
  })

  it('that does not answer is killed after the limit, and said so', async () => {
    const impatient = await createContainerProvider({ image: docker.image, answerLimitMs: 1000 })
    const call = connect(impatient.node('redis-1', { seed: 's', nowUs: T0_US }))
    let error: unknown
    try {
      call('EVAL', 'while true do end', '0')
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ServerLostError)
    expect((error as Error).message).toContain('did not answer within 1 s and was given up')
    await impatient.close()
  })

  it('is paced where virtual time is not wanted', async () => {
    const paced = await createContainerProvider({ image: docker.image, virtualTime: false })
    expect([paced.deterministic, paced.warning]).toEqual([
      false,
      'virtual time was turned off; time is paced and a run cannot be replayed exactly',
    ])
    expect(connect(paced.node('redis-1', { seed: 's', nowUs: T0_US }))('SET', 'k', 'v')).toEqual([
      { kind: 'status', text: 'OK' },
    ])
    await paced.close()
  })

  it('ends with the process that started it, also when that gets SIGKILL', async () => {
    const code = `
      import { createJiti } from 'jiti'
      const { createContainerProvider } = await createJiti(import.meta.url).import('./src/server/node/container.ts')
      await createContainerProvider({ image: '${docker.image}' })
      console.log('started')
      setInterval(() => {}, 1000)
    `
    const running = docker.containers('running').length
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(docker.containers('running')).toHaveLength(running + 1)
    child.kill('SIGKILL')
    for (let round = 0; round < 100 && docker.containers('running').length > running; round++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(docker.containers('running')).toHaveLength(running)
  })

  it('leaves no container running', () => {
    // One is in use: that of the provider which all tests share.
    expect(docker.containers('running')).toHaveLength(1)
  })

  it('whose image is not there is said with a fix', async () => {
    await expect(createContainerProvider({ image: 'lockstorm-test/none:none' })).rejects.toThrow(
      /^--redis container: expected Docker to start the image lockstorm-test\/none:none, got .*\n {2}fix: start Docker/,
    )
  })
})
