import { type Reader } from '../../../src/wire/reader.ts'
import { Writer } from '../../../src/wire/writer.ts'

/** The broker's side of one Kafka API: the mirror image of ApiMessage. */
export interface BrokerApi<Request, Response> {
  readonly key: number
  readonly minVersion: number
  readonly maxVersion: number
  readonly flexibleFrom: number
  decodeRequest(reader: Reader, version: number): Request
  encodeResponse(writer: Writer, response: Response, version: number): void
}

/** Writes tagged fields (in rising tag order) at the end of a flexible structure; those that are null stay out. */
export function writeTags(writer: Writer, fields: readonly (((field: Writer) => void) | null)[]): void {
  if (!writer.flexible) return
  const present = fields.flatMap((write, tag) => (write === null ? [] : [{ tag, write }]))
  writer.unsignedVarint(present.length)
  for (const { tag, write } of present) {
    const field = new Writer(true)
    write(field)
    writer.unsignedVarint(tag).unsignedVarint(field.length).raw(field.toBuffer())
  }
}

/** Reads an array of structures, each with its tagged fields. */
export function readStructures<T>(reader: Reader, read: () => T): T[] {
  return reader.array(() => {
    const item = read()
    reader.skipTags()
    return item
  })
}
