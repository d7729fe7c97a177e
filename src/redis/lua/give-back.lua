-- A leased segment goes back to its place in the line, or is dropped after its last attempt.
-- ARGV: settings, turn, token, 1 when somebody tried it and failed, else 0: then it costs nothing.
-- Returns whether there was such a lease, then camera, start and epoch of the turn to add, if any.
local turn, token = ARGV[2], ARGV[3]
local lease = leaseOf(turn)
if not lease or lease.token ~= token then return { 0 } end
local facts = factsOf(lease.id)
if not facts then
  redis.call('HDEL', LEASES, turn)
  return { 1 }
end
endLease(turn, facts)
local attempt = facts.attempt + number(ARGV[4])
if attempt >= MAX_ATTEMPTS then
  forget(lease.id)
  countDrop(facts.camera, facts.frames, facts.text, 'scorer_failed')
  return { 1 }
end
redis.call('HSET', segmentKey(lease.id), 'attempt', attempt)
enterLine(lease.id, facts)
dropTooOld(nowMs())
dropOverflow(facts.camera)
local issued = issueTurn(facts.camera, 0)
if not issued then return { 1 } end
return { 1, issued[1], issued[2], issued[3] }
