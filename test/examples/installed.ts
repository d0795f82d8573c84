/** An example as its reader has it: its folder copied, and installed from npm together with the packed lockstorm. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cleanEnvironment, ROOT } from '../cli/binary.ts'

export const EXAMPLES = path.join(ROOT, 'examples')

/** Those whose README says `npm test`; the others are web applications, which are hunted. */
export const TEST_RUNNERS: readonly string[] = ['jest', 'mocha', 'node-test', 'vitest']

/** The tarball of lockstorm, in this folder. */
export function packed(folder: string): string {
  const answer = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return path.join(folder, answer.trim().split('\n').at(-1) ?? '')
}

/** Runs a shell command in the folder of an example. */
export const runIn = (here: string, command: string) =>
  spawnSync('bash', ['-c', command], {
    cwd: here,
    encoding: 'utf8',
    timeout: 240_000,
    env: cleanEnvironment({ NO_COLOR: '1' }),
  })

/** Copies an example and installs it; `error`: why that cannot be. */
export function installed(
  folder: string,
  name: string,
  tarball: string,
): { readonly here: string; readonly error: string | null } {
  const here = path.join(folder, name)
  cpSync(path.join(EXAMPLES, name), here, { recursive: true, filter: (file) => !file.includes('node_modules') })
  const manifest = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'))
  manifest.devDependencies.lockstorm = `file:${tarball}`
  writeFileSync(path.join(here, 'package.json'), JSON.stringify(manifest))
  const { status, stderr } = runIn(here, 'npm install --no-audit --no-fund --prefer-offline')
  return { here, error: status === 0 ? null : stderr.slice(-300) }
}
