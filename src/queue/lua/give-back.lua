-- A leased segment goes back to its place in the line, or is dropped after its last attempt.
-- ARGV: settings, turn, token. Returns {camera, start, epoch, attempt} of the turn to add, or nothing.
local turn, token = ARGV[2], ARGV[3]
local lease = leaseOf(turn)
if not lease or lease.token ~= token then return {} end
local facts = factsOf(lease.id)
if not facts then return {} end
endLease(turn, facts)
local attempt = facts.attempt + 1
if attempt >= MAX_ATTEMPTS then
  forget(lease.id)
  countDrop(facts.camera, facts.frames, facts.text, 'scorer_failed')
  return {}
end
redis.call('HSET', segmentKey(lease.id), 'attempt', attempt)
enterLine(lease.id, facts)
dropTooOld(nowMs())
dropOverflow(facts.camera)
local issued = issueTurn(facts.camera, 0)
if not issued then return {} end
issued[4] = attempt
return issued
