/**
 * `HELP` subcommands: the reply and the row in the command table.
 *
 * Source: networking.c (`addReplyHelp`) of Redis 7.0.
 */
import type { Command } from '../command.ts'
import { cText, type ErrorReply, errorOf } from '../errors.ts'
import { type Reply, status } from '../reply.ts'

/** `command` in upper case; `lines` as Redis prints them. */
export function helpReply(command: string, lines: readonly string[]): Reply {
  return [
    `${command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...lines,
    'HELP',
    '    Prints this help.',
  ].map(status)
}

/** What a command with subcommands says to arguments that the subcommand cannot take. */
export const unknownSubcommandOf = (args: readonly string[]): ErrorReply =>
  errorOf(
    `ERR unknown subcommand or wrong number of arguments for '${cText(args[1]!).slice(0, SHOWN_BYTES_MAX)}'. Try ${args[0]!.toUpperCase()} HELP.`,
  )

const SHOWN_BYTES_MAX = 128

/** The row of `<command> HELP`. */
export function helpCommand(command: string, lines: readonly string[]): Command {
  return {
    name: `${command}|help`,
    arity: 2,
    flags: ['loading', 'stale'],
    firstKey: 0,
    lastKey: 0,
    keyStep: 0,
    execute: () => helpReply(command.toUpperCase(), lines),
  }
}
