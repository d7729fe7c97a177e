-- A segment, whose pixels were written just before, enters its camera's line.
-- ARGV: settings, id, camera, frames, age, facts, bytes of its pixels.
-- Returns {camera, start, epoch} of the turn to add, or nothing. Offered again, it changes nothing.
local id, camera, frames = ARGV[2], ARGV[3], number(ARGV[4])
local RECENT_IDS = 32

if redis.call('LPOS', recentKey(camera), id) then
  if redis.call('EXISTS', segmentKey(id)) == 0 then redis.call('DEL', pixelsKey(id)) end
  if not redis.call('ZSCORE', lineKey(camera), id) then return {} end
  -- Its turn may never have been added; one too many does no harm.
  local turns = turnsOf(camera)
  return { camera, turns.virtual, turns.epoch }
end

local now = nowMs()
if redis.call('STRLEN', pixelsKey(id)) ~= number(ARGV[7]) then
  return redis.error_reply('NOPIXELS the pixels of the segment were not written')
end
-- The first write: refused when Redis is full, before anything has changed.
redis.call('RPUSH', recentKey(camera), id)
redis.call('LTRIM', recentKey(camera), -RECENT_IDS, -1)
redis.call('SADD', CAMERAS, camera)
add(cameraKey(camera), 'captured', frames)
local facts = {
  camera = camera, frames = frames, captured = now - number(ARGV[5]),
  position = add(cameraKey(camera), 'position', 1),
}
redis.call('HSET', segmentKey(id), 'camera', camera, 'frames', frames, 'facts', ARGV[6],
  'attempt', 0, 'captured', facts.captured, 'position', facts.position, 'bytes', ARGV[7])
enterLine(id, facts)
dropTooOld(now)
dropOverflow(camera)
return issueTurn(camera, frames) or {}
