/**
 * What a storm costs, told by what its world does: a measure of time would differ from machine to machine, and with it what a hunt says.
 *
 * Measured beside storms over a lock whose client is shared: code that evaluates hundreds of modules in each simulated process (BullMQ,
 * NestJS, Effect) takes fourteen to thirty-four times as long, three Sentinels seven times with fifty times as many turns, a Cluster
 * of six nodes fourteen times with forty times as many.
 */
import type { WorldRun } from '../world/run-world.ts'

/** Three clients, two uses each, of a lock of one node. */
const COMMON_TURNS = 110
/** So many turns more take as long as a common one takes with all that is done for a storm besides. */
const MORE_TURNS = 8
/** As many common turns as a module costs: its evaluation, and what code of so many modules does. */
const MODULE_TURNS = 3

/** How many common storms it stands for, at least one. */
export const weightOf = ({ turns, modules }: Pick<WorldRun, 'turns' | 'modules'>): number =>
  1 + Math.max(0, (turns - COMMON_TURNS) / MORE_TURNS + MODULE_TURNS * modules) / COMMON_TURNS
