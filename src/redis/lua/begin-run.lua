local kept = redis.call('GET', KEYS[1])
local runs = tonumber(kept or 0)
if runs and runs >= 0 and runs < tonumber(ARGV[1]) and runs % 1 == 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', runs + 1))
  return { runs }
end
runs = math.floor(redis.call('TIME')[1] / 3600)
redis.call('SET', KEYS[1], string.format('%.0f', runs + 1))
return { runs, string.sub(kept, 1, 100) }
