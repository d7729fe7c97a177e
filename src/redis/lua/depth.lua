-- Returns {frames waiting or leased, age of the oldest that waits}.
local state = redis.call('HMGET', STATE, 'waiting', 'leased')
local oldest = redis.call('ZRANGE', AGES, 0, 0, 'WITHSCORES')
local age = 0
if oldest[2] then age = math.max(0, nowMs() - number(oldest[2])) end
return { number(state[1]) + number(state[2]), age }
