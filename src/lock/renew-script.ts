/** Compare-and-expire: gives the key another lease only while it still holds this token. 1: it was ours. */
export const COMPARE_AND_EXPIRE = `if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('pexpire', KEYS[1], ARGV[2])
end
return 0`
