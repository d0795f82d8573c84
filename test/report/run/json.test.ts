/** `report.json`, `meta.json` and the histories. */
import { describe, expect, it } from 'vitest'
import { metaJson } from '../../../src/report/json.ts'
import { reportJson } from '../../../src/report/run/json.ts'
import { cell, lostUpdate, report, smallMaterial } from '../stories.ts'

/** The same object with its keys in the opposite order, all the way down, but for what the checks make, which is printed as it is. */
function turned<T>(value: T): T {
  if (Array.isArray(value)) return value.map(turned) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, ['cause', 'told'].includes(key) ? inner : turned(inner)]),
  ) as T
}

describe('report.json', () => {
  it('has keys in a fixed order, two spaces, and a newline at the end', () => {
    const { violations } = lostUpdate()
    const text = reportJson(report([cell({ scenario: 's', lock: 'overwrite', workload: 'cart', violations })]))
    expect(text).toMatchInlineSnapshot(`
      "{
        "schema": "lockstorm/report@2",
        "engine": "1",
        "seed": "7301",
        "redis": "memory (Redis 7.2)",
        "client": "ioredis",
        "deterministic": true,
        "totals": {
          "cells": 1,
          "asExpected": 1,
          "notAsExpected": 0,
          "valid": 0,
          "violated": 1,
          "unknown": 0,
          "vacuous": 0,
          "worlds": 40
        },
        "cells": [
          {
            "scenario": "s",
            "lock": "overwrite",
            "client": "ioredis",
            "workload": "cart",
            "verdict": "violated",
            "detail": "",
            "expected": {
              "session-lost-update": "bug"
            },
            "asExpected": true,
            "worlds": 40,
            "violatedWorlds": 12,
            "historyHash": "00f1e2d3c4b5a697",
            "violations": [
              {
                "property": "session-lost-update",
                "kind": "bug",
                "weight": "harm",
                "cause": {
                  "kind": "not-takeable"
                },
                "told": {
                  "kind": "not-takeable",
                  "forUs": 1000
                },
                "sentence": "the session lost \\"book\\", whose addition had been acknowledged to A",
                "why": "B wrote back the whole session as it had loaded it before the change of A.",
                "needs": null,
                "atUs": 14996,
                "untilUs": 30945,
                "processes": [
                  "A",
                  "B"
                ],
                "token": "L1.c2Vzc2lvbg"
              }
            ],
            "history": "s.overwrite.ndjson",
            "sometimes": [
              "a client wanted the lock (the session, the job) while another had it"
            ]
          }
        ]
      }
      "
    `)
  })

  it('has the same bytes however the report was put together', () => {
    const material = smallMaterial().report
    expect(reportJson(turned(material))).toBe(reportJson(material))
    expect(JSON.parse(reportJson(material))).toEqual(JSON.parse(JSON.stringify(material)))
  })
})

describe('meta.json', () => {
  it('holds what differs from machine to machine', () => {
    const meta = {
      command: 'lockstorm run',
      host: 'ci-7',
      platform: 'linux x64',
      node: 'v20.20.2',
      lockstorm: '0.1.0',
      elapsedMs: 1234,
      startedAt: '2026-01-01T00:00:00.000Z',
    }
    expect(metaJson(meta)).toMatchInlineSnapshot(`
      "{
        "startedAt": "2026-01-01T00:00:00.000Z",
        "elapsedMs": 1234,
        "lockstorm": "0.1.0",
        "node": "v20.20.2",
        "platform": "linux x64",
        "host": "ci-7",
        "command": "lockstorm run"
      }
      "
    `)
  })
})
