import { describe, expect, it } from 'vitest'
import { SimpleDateFormat } from '../../../../src/connect/transforms/simple-date-format.ts'

/** Pattern, time and text of java.text.SimpleDateFormat (JDK 17, UTC, en_US). */
const vectors = [
  ['yyyyMMdd', 0, '19700101'],
  ['yyyyMMdd', 951_868_799_999, '20000229'],
  ['yyyyMMdd', 1_735_689_599_999, '20241231'],
  ['yyyyMMdd', 1_104_364_800_000, '20041230'],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", 0, '1970-01-01T00:00:00.000+0000'],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", 951_868_799_999, '2000-02-29T23:59:59.999+0000'],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", 1_735_689_599_999, '2024-12-31T23:59:59.999+0000'],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", 1_104_364_800_000, '2004-12-30T00:00:00.000+0000'],
  ['EEE, d MMM yy h:mm a', 0, 'Thu, 1 Jan 70 12:00 AM'],
  ['EEE, d MMM yy h:mm a', 951_868_799_999, 'Tue, 29 Feb 00 11:59 PM'],
  ['EEE, d MMM yy h:mm a', 1_735_689_599_999, 'Tue, 31 Dec 24 11:59 PM'],
  ['EEE, d MMM yy h:mm a', 1_104_364_800_000, 'Thu, 30 Dec 04 12:00 AM'],
  ['yyyy-MM-dd HH:mm:ss z', 0, '1970-01-01 00:00:00 UTC'],
  ['yyyy-MM-dd HH:mm:ss z', 951_868_799_999, '2000-02-29 23:59:59 UTC'],
  ['yyyy-MM-dd HH:mm:ss z', 1_735_689_599_999, '2024-12-31 23:59:59 UTC'],
  ['yyyy-MM-dd HH:mm:ss z', 1_104_364_800_000, '2004-12-30 00:00:00 UTC'],
  ['G y YYYY ww W D F u k K S SSSSS XXX X XX', 0, 'AD 1970 1970 01 1 1 1 4 24 0 0 00000 Z Z Z'],
  ['G y YYYY ww W D F u k K S SSSSS XXX X XX', 951_868_799_999, 'AD 2000 2000 10 5 60 5 2 23 11 999 00999 Z Z Z'],
  ['G y YYYY ww W D F u k K S SSSSS XXX X XX', 1_735_689_599_999, 'AD 2024 2025 01 5 366 5 2 23 11 999 00999 Z Z Z'],
  ['G y YYYY ww W D F u k K S SSSSS XXX X XX', 1_104_364_800_000, 'AD 2004 2005 01 5 365 5 4 24 0 0 00000 Z Z Z'],
  ['EEEE MMMM LLL', 0, 'Thursday January Jan'],
  ['EEEE MMMM LLL', 951_868_799_999, 'Tuesday February Feb'],
  ['EEEE MMMM LLL', 1_735_689_599_999, 'Tuesday December Dec'],
  ['EEEE MMMM LLL', 1_104_364_800_000, 'Thursday December Dec'],
  ['y yy yyy yyyy yyyyy', 0, '1970 70 1970 1970 01970'],
  ['y yy yyy yyyy yyyyy', 951_868_799_999, '2000 00 2000 2000 02000'],
  ['y yy yyy yyyy yyyyy', 1_735_689_599_999, '2024 24 2024 2024 02024'],
  ['y yy yyy yyyy yyyyy', 1_104_364_800_000, '2004 04 2004 2004 02004'],
  ["'o''clock' hh ''", 0, "o'clock 12 '"],
  ["'o''clock' hh ''", 951_868_799_999, "o'clock 11 '"],
  ["'o''clock' hh ''", 1_735_689_599_999, "o'clock 11 '"],
  ["'o''clock' hh ''", 1_104_364_800_000, "o'clock 12 '"],
  ['MMM MM M L LLLL', 0, 'Jan 01 1 1 January'],
  ['MMM MM M L LLLL', 951_868_799_999, 'Feb 02 2 2 February'],
  ['MMM MM M L LLLL', 1_735_689_599_999, 'Dec 12 12 12 December'],
  ['MMM MM M L LLLL', 1_104_364_800_000, 'Dec 12 12 12 December'],
  ['zzzz', 0, 'Coordinated Universal Time'],
  ['zzzz', 951_868_799_999, 'Coordinated Universal Time'],
  ['zzzz', 1_735_689_599_999, 'Coordinated Universal Time'],
  ['zzzz', 1_104_364_800_000, 'Coordinated Universal Time'],
  ['E EE EEEEE a aa', 0, 'Thu Thu Thursday AM AM'],
  ['E EE EEEEE a aa', 951_868_799_999, 'Tue Tue Tuesday PM PM'],
  ['E EE EEEEE a aa', 1_735_689_599_999, 'Tue Tue Tuesday PM PM'],
  ['E EE EEEEE a aa', 1_104_364_800_000, 'Thu Thu Thursday AM AM'],
  ['YY w', 0, '70 1'],
  ['YY w', 951_868_799_999, '00 10'],
  ['YY w', 1_735_689_599_999, '25 1'],
  ['YY w', 1_104_364_800_000, '05 1'],
  ['Y', 0, '1970'],
  ['Y', 951_868_799_999, '2000'],
  ['Y', 1_735_689_599_999, '2025'],
  ['Y', 1_104_364_800_000, '2005']
] as const

describe('a date format', () => {
  it.each(vectors)('%s writes %i as %s, like Java', (pattern, millis, text) => {
    expect(new SimpleDateFormat(pattern).format(millis)).toBe(text)
  })

  it.each([
    ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", '2020-01-02T10:20:30.123+0130', '2020-01-02T08:50:30.123Z'],
    ['EEE, d MMM yyyy hh:mm a z', 'Thu, 29 Feb 2024 12:05 AM GMT', '2024-02-29T00:05:00.000Z'],
    ['yyyyMMddHHmmss', '20240229235959', '2024-02-29T23:59:59.000Z'],
    ['yyyy-MM-dd HH:mmX', '2024-02-29 10:20+02', '2024-02-29T08:20:00.000Z'],
    ['yyyy-MM-dd HH:mmXX', '2024-02-29 10:20-0230', '2024-02-29T12:50:00.000Z'],
    ['yyyy-MM-dd HH:mmXXX', '2024-02-29 10:20+02:30', '2024-02-29T07:50:00.000Z'],
    ['yyyy-MM-dd HH:mmXXX', '2024-02-29 10:20Z', '2024-02-29T10:20:00.000Z']
  ])('%s reads %s', (pattern, text, expected) => {
    expect(new Date(new SimpleDateFormat(pattern).parse(text)).toISOString()).toBe(expected)
  })

  it('carries over what overflows, as Java does by default', () => {
    expect(new SimpleDateFormat('yyyy-MM-dd').parse('2023-02-30')).toBe(Date.UTC(2023, 2, 2))
  })

  it.each(["yyyy-MM-dd'T", 'yyyy-bb', 'c', 'HHXXXX'])('refuses the pattern %s', (pattern) => {
    expect(() => new SimpleDateFormat(pattern)).toThrow('date format')
  })

  it.each([
    ['yyyy', 'x'],
    ['yy', '20'],
    ['YYYY ww', '2020 01']
  ])('%s cannot read %s, and says so', (pattern, text) => {
    expect(() => new SimpleDateFormat(pattern).parse(text)).toThrow(pattern)
  })
})
