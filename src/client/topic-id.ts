/** Whether two topics of one name are the same; brokers before 2.8 tell no ids, and null is the same as null only. */
export function isSameTopicId(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other)
}
