/**
 * What a world costs, told by what it does: a measure of time would differ from machine to machine, and with it what a hunt says.
 *
 * Measured with published packages: code that evaluates hundreds of modules in each simulated process (BullMQ, NestJS, Effect)
 * takes two to twenty-seven times as long a world as code whose client is shared, with about twice as many turns at most.
 */
import type { WorldRun } from '../world/run-world.ts'

/** As many turns as the evaluation of one module takes: the most that was measured, others take a fraction of one turn. */
const MODULE_TURNS = 3
/** Three clients, two uses each, of a lock of one node. */
const COMMON_TURNS = 110

/** How many common worlds it stands for, at least one. */
export const weightOf = ({ turns, modules }: Pick<WorldRun, 'turns' | 'modules'>): number =>
  Math.max(1, (turns + MODULE_TURNS * modules) / COMMON_TURNS)
