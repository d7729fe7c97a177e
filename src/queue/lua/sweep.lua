-- Drops what waited too long. ARGV: settings, age of a lease from which its turn is looked for.
-- Returns {frames waiting, turn and token of each such lease …}.
local now = nowMs()
dropTooOld(now)
restWhenEmpty()
local found = { number(redis.call('HGET', STATE, 'waiting')) }
local leases = redis.call('HGETALL', LEASES)
for index = 1, #leases, 2 do
  local lease = leaseOf(leases[index])
  if lease and now - lease.sinceMs > number(ARGV[2]) then
    found[#found + 1] = leases[index]
    found[#found + 1] = lease.token
  end
end
return found
