/** Compare-and-delete: deletes the key only while it still holds this token. https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/ */
export const COMPARE_AND_DELETE = `if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('del', KEYS[1])
end
return 0`
