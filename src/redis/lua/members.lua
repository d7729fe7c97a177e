#!lua flags=allow-oom
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + 2 * tonumber(ARGV[1]), '+inf')
local members = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, tonumber(ARGV[2]) - 1)) do
  members[#members + 1] = id
  if redis.call('HSTRLEN', KEYS[2], id) > tonumber(ARGV[3]) then
    members[#members + 1] = ''
  else
    members[#members + 1] = redis.call('HGET', KEYS[2], id) or ''
  end
end
if redis.call('HLEN', KEYS[2]) ~= redis.call('ZCARD', KEYS[1]) then
  for _, id in ipairs(redis.call('HKEYS', KEYS[2])) do
    if not redis.call('ZSCORE', KEYS[1], id) then redis.call('HDEL', KEYS[2], id) end
  end
end
return members
