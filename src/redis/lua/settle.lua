-- A leased segment ends. ARGV: settings, turn, token, outcome, reason of a drop or '', maps. Without an outcome
-- its facts can't be read by anybody: it is counted and not told.
-- Returns 1, or 0 when the lease is no longer the caller's: then nothing has changed.
local turn, token, outcome, reason = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local lease = leaseOf(turn)
if not lease or lease.token ~= token then return 0 end
local facts = factsOf(lease.id)
if not facts then
  redis.call('HDEL', LEASES, turn)
  return 0
end
forget(lease.id)
endLease(turn, facts)
if outcome == '' then
  add(cameraKey(facts.camera), 'dropped:' .. reason, facts.frames)
elseif reason == '' then
  add(cameraKey(facts.camera), 'scored', facts.frames)
  tell(facts.text, outcome, ARGV[6])
else
  countDrop(facts.camera, facts.frames, facts.text, reason)
end
return 1
