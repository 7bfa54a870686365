import { expect, test } from 'vitest'
import { compareVersions, requirePluginVersion } from '../../../../src/connect/worker/plugin-version.ts'

const outcome = (requirement: string | null, installed = '4.3.1'): string => {
  try {
    requirePluginVersion('connector.plugin.version', requirement, installed)
    return 'met'
  } catch (thrown) {
    return String(thrown).includes('what is installed: 4.3.1') ? 'not met' : 'bad'
  }
}

test.each([
  [null, 'met'],
  ['latest', 'met'],
  ['4.3.1', 'met'],
  [' 4.3.1 ', 'met'],
  ['4.3.0', 'not met'],
  ['LATEST', 'not met'],
  ['[4,5)', 'met'],
  ['[4.3.1]', 'met'],
  ['(4.3.1,)', 'not met'],
  ['(,4.3.1)', 'not met'],
  ['(,4.3.1]', 'met'],
  ['(,1.0],[4.3,)', 'met'],
  ['(,1.0],[1.2,4)', 'not met'],
  ['[4.0,', 'bad'],
  ['[5,4]', 'bad'],
  ['(4.3.1)', 'bad'],
  ['[1,3],[2,5]', 'bad'],
  ['[1,3] [4,5]', 'bad'],
  ['', 'bad']
])('with 4.3.1 installed the requirement %j is %s', (requirement, expected) => {
  expect(outcome(requirement)).toBe(expected)
})

test('versions are in the order of Maven', () => {
  const rising = ['1.0-alpha', '1.0-beta', '1.0-rc1', '1.0-SNAPSHOT', '1.0', '1.0-sp', '1.0.1', '1.2', '1.10', '2']
  for (const [index, version] of rising.entries()) {
    for (const [other, later] of rising.entries()) {
      expect([version, later, Math.sign(compareVersions(version, later))]).toEqual([
        version,
        later,
        Math.sign(index - other)
      ])
    }
  }
  expect(compareVersions('1', '1.0.0')).toBe(0)
  expect(compareVersions('1.0-ga', '1.0')).toBe(0)
})
