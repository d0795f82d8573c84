/**
 * JUnit XML as CI servers agree on it.
 *
 * Source: https://github.com/testmoapp/junitxml
 */
import { escapeHtml, escapeXmlLines } from '../text/escape.ts'

export interface JunitSuite {
  readonly name: string
  readonly cases: readonly JunitCase[]
}

export interface JunitCase {
  readonly name: string
  /** What kind of failure it would be. */
  readonly type: string
  readonly outcome: 'passed' | 'failure' | 'skipped'
  /** One line. */
  readonly message: string
  readonly text: string
}

/** The text of `junit.xml`. */
export function junitXml(suites: readonly JunitSuite[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="lockstorm" ${counts(suites.flatMap(({ cases }) => cases))}>`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite name="${escapeHtml(name)}" ${counts(cases)}>`,
      ...cases.map((one) => caseXml(name, one)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

function caseXml(suite: string, { name, type, outcome, message, text }: JunitCase): string {
  const open = `    <testcase classname="${escapeHtml(suite)}" name="${escapeHtml(name)}"`
  const content = (() => {
    switch (outcome) {
      case 'passed':
        return text === '' ? null : `<system-out>${escapeXmlLines(text)}</system-out>`
      case 'skipped':
        return `<skipped message="${escapeHtml(message)}"/>`
      case 'failure':
        return `<failure message="${escapeHtml(message)}" type="${escapeHtml(type)}">${escapeXmlLines(text)}</failure>`
    }
  })()
  return content === null ? `${open}/>` : `${open}>\n      ${content}\n    </testcase>`
}

function counts(cases: readonly JunitCase[]): string {
  const count = (outcome: JunitCase['outcome']): number => cases.filter((one) => one.outcome === outcome).length
  return `tests="${cases.length}" failures="${count('failure')}" errors="0" skipped="${count('skipped')}"`
}
