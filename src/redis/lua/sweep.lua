-- Drops what waited too long. ARGV: settings, age of a lease from which its turn is looked for.
-- Returns {the segment that waits longest or '', turn and token of each such lease …}.
local now = nowMs()
dropTooOld(now)
restWhenEmpty()
local found = { redis.call('ZRANGE', AGES, 0, 0)[1] or '' }
local leases = redis.call('HGETALL', LEASES)
for index = 1, #leases, 2 do
  local lease = leaseOf(leases[index])
  if lease and now - lease.sinceMs > number(ARGV[2]) then
    found[#found + 1] = leases[index]
    found[#found + 1] = lease.token
  end
end
return found
