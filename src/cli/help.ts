/**
 * The help texts, by hand: each begins with examples and fits one screen of 80 columns and 24 lines.
 */

export const OVERVIEW = `lockstorm finds the story in which a Redis lock or session store breaks.

  lockstorm run                          every scenario, every built-in lock
  lockstorm run no-fault --only naive    one scenario, one lock
  lockstorm hunt ./my-lock.ts            the smallest storm that breaks a lock
  lockstorm list scenarios               what there is to run

lockstorm --help tells all verbs and exit codes.`

export const MAIN_HELP = `Examples:
  lockstorm run                          every scenario, every built-in lock
  lockstorm hunt ./my-lock.ts            the smallest storm that breaks a lock

Usage: lockstorm <verb> [options]
  run [scenario…]    run scenarios against locks and session stores
  hunt <lock>        look for the smallest storm that breaks a lock
  judge [history…]   judge what was recorded elsewhere
  diff <old> <new>   which findings of a report are new, which are gone
  merge [part…]      join the parts of a hunt that several machines ran
  fleet start|work   a hunt that the workers of a queue run
  frontier <lock>    measure the smallest TTL at which no storm breaks it
  replay <token>     run the one world that a token names, and tell its story
  serve, studio      the in-memory Redis on a port; the playground in a browser
  init <lock>        write the adapter of a lock that needs one, and a config
  list <what>        scenarios, articles, locks, faults or properties
  explain <what>     a pitfall (P22), a property or a fault
  learn [lesson]     a course of twelve lessons, each of which is run
  -V, --version; -h, --help, after a verb its own

Exit codes:
  0 as expected   1 a violation, or not as expected   2 unknown or vacuous
  3 not deterministic   64 a flag, file or token is wrong   69 no Redis
  70 a bug of lockstorm   130, 143 interrupted, the report is written`

export const RUN_HELP = `Examples:
  lockstorm run                          every scenario, every built-in lock
  lockstorm run no-fault --only naive    one scenario, one lock
  lockstorm run my.yaml --lock ./my.ts   your scenario, your lock and the others
Usage: lockstorm run [options] [scenario…]    names, files, folders, globs
  --tag WORD            only scenarios with this tag ('!WORD': without it)
  --lock FILE           a lock file of yours, .ts or .js; repeatable
  --only SUBJECT        only these locks or session stores; repeatable
  --changed [REF], --watch  if what it loads changed (HEAD); again when it does
  --seed TEXT           where all randomness comes from (default 1)
  --runs N              worlds for each cell (default: as the scenario says)
  --redis WHAT          memory (default), mock, server, container, redis://…
  --redis-version, --redis-binary, --image  8.4, valkey-9.0 …; server; container
  --client KIND         ioredis (default), iovalkey, node-redis, direct
  --workers N           at the same time, as many as pay; the answer is the same
  --output DIR          where the report goes (default reports/<suite>)
  --reporter LIST, --json  text (default), markdown, junit, json, agent
  -x, --max-failures N  stop after N cells not as expected; -x: after 1
  --max-limit N         cells with limits that nothing expects fail beyond N
  --unknown-ok          unknown and vacuous cells fail nothing
  -q, --quiet, -v, --verbose   only what is not as expected; each cell, prints
  --color, --no-color   else NO_COLOR, FORCE_COLOR, or whether it is a terminal
  --config FILE         instead of lockstorm.config.ts; --print-config shows all
Each flag is also LOCKSTORM_… in the environment and a key of the config file.`

export const HUNT_HELP = `Examples:
  lockstorm hunt ./my-lock.ts              every storm of 1 fault, some of 2
  lockstorm hunt ./my-lock.ts --faults 2   every storm of up to 2 faults
  lockstorm hunt set-nx-lua --time 60s     random storms too, for a minute
Usage: lockstorm hunt [options] <lock>     a .ts or .js file, or a built-in name
  --faults K, --all-magnitudes  all storms of up to K (0 to 3); 1 in all sizes
  --runs N, --time T, --guided  N random storms, or until T; half mutants
  --clients, --rounds, --callers  how many (3), uses each (2), in a process (1)
  --workload NAME; --topology replicated, sentinel or cluster: with replicas
  --ttl, --work, --retry, --latency  200ms, 20ms, 20ms (or own), 200us..900us
  --persistence none, rdb, aof-everysec or aof-always: what a restart keeps
  --lossy, --only NAME  Redis may forget; the lock, when the file has several
  -x, --max-failures N; --last-failed  stop after N (-x: 1); last storms again
  --changed [REF], --watch  if what it loads changed (HEAD); again when it does
  --shard I/N           the Ith of N parts; lockstorm merge joins them
  --replays DIR         run first (lockstorm/replays), or --no-replays
  --baseline FILE       its findings fail nothing; --update-baseline writes it
  --max-limit N         limits (no client can prevent them) fail if more than N
  --allow limit         are not in the baseline (0); there is no maximum
  --unknown-ok, --no-shrink  unknown, vacuous are fine; storms left (--shrink)
As for lockstorm run (report: reports/hunt): --seed, --client, --redis, -q, -v,
  --redis-version, --redis-binary, --image, --workers, --output, --reporter,
  --json, --quiet, --verbose, --color, --no-color, --config, --print-config
Exit code 1: a violation. 2: unknown or vacuous. 0: none, in the storms told.`

export const DIFF_HELP = `Examples:
  lockstorm diff reports/before reports/hunt    what is new, what is gone
  lockstorm diff before.json after.json --json

Usage: lockstorm diff [options] <before> <after>    report.json, or its folder

  --json, --color, --no-color, --config, --print-config   as for lockstorm run

A finding is known by its lock (and scenario), property, kind and cause: other
figures and other storms make no difference.
Exit code 1: there is a new finding. 0: there is none.`

export const JUDGE_HELP = `Examples:
  redis-cli MONITOR > server.log ; lockstorm judge --server server.log
  lockstorm judge --belief a.ndjson,b.ndjson --clock-error 5ms
  lockstorm judge --effect writes.ndjson
  lockstorm judge reports/hunt/histories/*.ndjson

Usage: lockstorm judge [options] [history…]    histories of lockstorm

  --server FILE    what a Redis executed: the output of redis-cli MONITOR, or an
                   append-only file (or its folder)
  --keys GLOB      which keys are locks (default: learned: what SET NX, SETNX or a
                   script takes, and its taker gives back)
  --one-connection each client has one connection, so two of one host are two
  --belief FILE    who believed to hold a lock, as recordLock (lockstorm/record)
                   writes it: { t, host, lock, token, event, expiresAt? }
  --effect FILE    what a resource accepted, in its order:
                   { t, resource, token, fence?, version? }
  --jepsen FILE    operations on a mutex, a register or keys, as Jepsen (EDN or
                   JSON) and porcupine write them: are they linearizable?
  --initial VALUE  what was in the register first (default: not known)
  --clock-error T  by how much the clocks of two hosts may differ (0s): an
                   overlap that is not longer is unknown
  --unknown-ok     unknown and vacuous fail nothing
  --json, --color, --no-color, --config, --print-config   as for lockstorm run

Belief and effect are ndjson, times as Date.now(). Tokens are told by a hash,
never as they are. Exit code 1: a violation. 2: unknown, or nothing was recorded. 0: neither.`

export const MERGE_HELP = `Examples:
  lockstorm hunt ./my-lock.ts --faults 2 --shard 2/8    on the second of eight
  lockstorm merge parts/ --lock ./my-lock.ts            when all are done

Usage: lockstorm merge [options] [part…]    files, folders or globs of parts
                                            (default: reports/hunt)
  --lock FILE           the file of the code under test; a part only names it
  --allow-missing       report although parts are missing, and say which
  --allow, --max-limit, --baseline, --update-baseline, --unknown-ok
                        what fails, as for lockstorm hunt
  --redis-binary, --image, --workers, --output, --reporter, --json, -q,
  --quiet, -v, --verbose, --color, --no-color, --config, --print-config
                        as for lockstorm run

What was run is what the parts say. Parts of another plan (lock, options,
replays, lockstorm) are refused. The report is what one machine would have
written, byte for byte. Exit codes: as for lockstorm hunt.`

export const FLEET_HELP = `Examples:
  lockstorm fleet start ./my-lock.ts --faults 2 --queue redis://queue:6379
  lockstorm fleet work --queue redis://queue:6379       on as many machines

Usage: lockstorm fleet start [options] <lock>    a hunt that workers run
       lockstorm fleet work [options]            a worker, until it is over

  --queue URL      a Redis or Valkey of yours, for BullMQ (npm install bullmq)
  --workers N      of a worker: how many threads (default: one a core)
  start takes what lockstorm hunt takes, but for --workers, --shard, --changed
  and --watch; work takes --redis-binary, --image, -q, --quiet, -v, --verbose,
  --color, --no-color, --config, --print-config, too.

Every machine has the same commit of the code under test, the same packages and
the same lockstorm; a worker whose code differs runs nothing (exit code 64). A
worker may come late and go at any time: its units are run again. The report is
what one machine would have written. Exit codes of start: as for lockstorm hunt.`

export const FRONTIER_HELP = `Examples:
  lockstorm frontier ./my-lock.ts --client direct    the smallest safe TTL
  lockstorm frontier set-nx-lua --skews 0s           without wrong clocks
  lockstorm frontier set-nx-lua --ttls 1s,2s,5s --pauses 0s,1s
Usage: lockstorm frontier [options] <lock>   a .ts or .js file, or a name

  --ttls LIST        leases to try (50ms,100ms,200ms,500ms,1s,2s,3s,5s)
  --pauses LIST      how long a client stands still (0s,50ms,200ms,1s)
  --skews LIST       by how much a wall clock is wrong (0s,+1s,-1s)
  --latencies LIST   of messages, one way (200us..900us,5ms..20ms)
  --clients, --callers, --rounds, --work, --retry   as for lockstorm hunt
  --only NAME        the lock, when the file has several
  --seed, --client, --redis, --redis-version, --redis-binary, --image   as for
                     lockstorm run
  --workers N        default: one a core; the answer is the same
  --output DIR       where the report goes (default reports/frontier)
  --json, --quiet, --verbose, --color, --no-color, --config,
  --print-config

For each pause, skew and latency: the smallest TTL at which, and at all longer
ones, no storm broke the lock. It is a measurement: whatever comes out, the exit
code is 0.`

export const SERVE_HELP = `Examples:
  lockstorm serve                           a Redis on 127.0.0.1:6379, in memory
  lockstorm serve --port 0 --json           on any free port, told as JSON
  lockstorm serve --clock manual            time passes when a test says so
  redis-cli debug clock advance 500         500 ms pass on its clock
  lockstorm serve --set requirepass=secret --set maxmemory=100mb
  lockstorm serve --sentinel ; redis-cli client pause 20000      a failover

Usage: lockstorm serve [options]
  --port N           where it listens, 0: any free port (6379)
  --clock KIND       real (default); manual: DEBUG CLOCK ADVANCE <ms> moves it
  --sentinel         two replicas on the next ports, and from 26379 on (20,000
                     above the primary) three Sentinels that call it mymaster
  --cluster          three primaries of a Cluster, then a replica of each
  --redis-version V  7.0 (default), 7.4, 8.0, 8.4, valkey-8.1, valkey-9.0: with
                     the newer commands, and all else as in 7.0
  --set NAME=VALUE   a parameter of redis.conf; repeatable
  --seed TEXT        where its randomness comes from (default 1)
  --json, --quiet    one JSON document: url, host, port, version, clock, and
                     the ports of what is beside it; nothing but errors
  --config, --print-config   as for lockstorm run

No other machine reaches it, and nothing is kept when it ends: at Ctrl-C (exit
code 130), SIGTERM (143) or SHUTDOWN (0). 69: the port is taken.`

export const STUDIO_HELP = `Examples:
  lockstorm studio                  the playground, in the browser
  lockstorm studio L1.…             with the storm that a token names
  lockstorm studio --port 8080 --no-open

Usage: lockstorm studio [options] [token]

  --port N           where it is served, 0: any free port (0)
  --open, --no-open  whether a browser is opened (where there is a terminal)
  --json             one JSON document: url
  -q, --quiet        nothing but errors
  --config, --print-config   as for lockstorm run

Everything runs in the page, also code of yours: it asks nothing of any network,
and no other machine reaches it. Ctrl-C ends it (exit code 130). The page is one
file, dist/studio/index.html of the package: any web host can serve it.`

export const REPLAY_HELP = `Examples:
  lockstorm replay L1.…                        a world of a bundled scenario
  lockstorm replay L1.… my.yaml                a world of your scenario
  lockstorm replay L1.… --lock ./my-lock.ts    your lock in that world
  lockstorm replay lockstorm/replays           all that a project keeps

Usage: lockstorm replay [options] <token, file, folder, glob> [scenario file…]

  --lock FILE           the lock file, when the token names a lock of yours
  --redis WHAT          another Redis than the token names; a URL it cannot hold
  --redis-version V     another version than the token names: 8.4, valkey-9.0, …
  --redis-binary FILE   the redis-server or valkey-server, when one was used
  --image NAME          the image, when a container was used
  --html FILE           write the world as a page, to be stepped through
  --json                print the verdict and the history as one JSON document
  -q, --quiet           the verdict only; -v, --verbose: every record
  --color, --no-color   else NO_COLOR, FORCE_COLOR, or whether it is a terminal

The world is run twice; two histories that differ are exit code 3. A replay file
is green (0) when the finding that it is about is gone.
Exit code 1: the violation is there. 0: it is not. 2: unknown or vacuous.`

export const INIT_HELP = `Examples:
  lockstorm init ./my-lock.ts    writes ./my-lock.lockstorm.ts beside it
  lockstorm hunt ./my-lock.lockstorm.ts

Usage: lockstorm init [options] <lock>    a .ts or .js file

  --only NAME    the lock, when the file has several

Most locks need no adapter: lockstorm hunt ./my-lock.ts takes a class, a
factory, acquire and release, withLock(key, fn). Where it asks what a parameter
should be, the adapter is the place to say it: about ten lines, filled in as
far as the code tells. A lockstorm.config.ts is written where there is none.
No file that exists is changed.`

export const LIST_HELP = `Examples:
  lockstorm list scenarios    what can be run
  lockstorm list articles     systems of articles, for lockstorm run articles
  lockstorm list locks        the built-in locks and session stores
  lockstorm list faults       what a scenario can make happen, with examples
  lockstorm list properties   what is judged

Usage: lockstorm list [options] <scenarios|articles|locks|faults|properties>

  --json    print the list as one JSON document`

export const LEARN_HELP = `Examples:
  lockstorm learn                what there is to learn, in its order
  lockstorm learn pause          a lesson: its code is run, and its cure
  lockstorm learn pause --lang zh
  lockstorm learn expiry --break 'crash: { process: A }, at: A before send 2'

Usage: lockstorm learn [options] [lesson]

  --lang LANGUAGE   en (default), zh
  --break FAULT     break the code of the lesson with a storm of your own: a
                    fault as scenario files write it; repeatable; none: no fault
  --html DIR        write the lesson, or all of them, as pages into a folder
  --json, --color, --no-color, --config, --print-config   as for lockstorm run

On a terminal a lesson asks what will happen before it runs the code. What
--break does is measured by the fewest faults that do it: all storms with fewer
are tried. Exit code 1: the code was not broken. 0: it was.`

export const EXPLAIN_HELP = `Examples:
  lockstorm explain P22                a pitfall: what goes wrong, who met it
  lockstorm explain mutual-exclusion   a property: what is judged, and on what
  lockstorm explain pause              a fault, and where it leads to
  lockstorm explain P22 --lang zh      a pitfall, in Chinese

Usage: lockstorm explain [options] <pitfall, property or fault>

  --lang LANGUAGE   of pitfalls: en (default), zh
  --json            print it as one JSON document

The pitfalls with their runs are in docs/pitfalls.md; lockstorm list properties
and lockstorm list faults name the others.`
