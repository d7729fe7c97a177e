#!lua flags=allow-oom
local owner = redis.call('GET', KEYS[1])
-- No gateway leaves a name that stays, or stays longer than its own.
local left = redis.call('PTTL', KEYS[1])
if owner and owner ~= ARGV[1] and left > 0 and left <= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local runs = tonumber(redis.call('GET', KEYS[5]) or 0) or 0
if not (runs >= tonumber(ARGV[8])) then redis.call('SET', KEYS[5], ARGV[8]) end
local at = 9
for _ = 1, tonumber(ARGV[5]) do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
for _ = 1, tonumber(ARGV[6]) do
  redis.call('ZADD', KEYS[3], ARGV[at], ARGV[at + 1])
  at = at + 2
end
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[4]))
for _ = 1, tonumber(ARGV[7]) do
  redis.call('XACK', KEYS[4], ARGV[3], ARGV[at])
  redis.call('XDEL', KEYS[4], ARGV[at])
  at = at + 1
end
return 1
