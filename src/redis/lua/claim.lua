-- Turns become leases. ARGV: settings, most frames, frames of these that the batch has
-- already, then id, token, camera, start, epoch of each turn.
-- Returns {is the reader behind, frames still waiting, answers}; an answer is {'void'} (the turn is used up),
-- {'back'} (not now) or {'lease', facts, attempt, segment, frames}, whose pixels are then read.
local maxFrames = number(ARGV[2])
local now = nowMs()
dropTooOld(now)

-- No new work while results pile up: frames may be dropped, results may not.
local isBehind = redis.call('XLEN', OUTCOMES) >= settings.maxUnread
local isOver = isBehind
local frames = number(ARGV[3])

local function fits(size)
  if frames > 0 and frames + size > maxFrames then isOver = true end
  return not isOver
end

local function lease(turn, token, id, facts)
  redis.call('HSET', LEASES, turn, token .. ' ' .. string.format('%.0f', now) .. ' ' .. id)
  frames = frames + facts.frames
  if frames >= maxFrames then isOver = true end
  return { 'lease', facts.text, facts.attempt, id, facts.frames }
end

-- The worker that held this turn is gone: its segment is handed out again under a new token. With the same
-- token it is the same claim, sent twice because its answer was lost.
local function takeOver(turn, token, held)
  local facts = factsOf(held.id)
  if not facts then
    redis.call('HDEL', LEASES, turn)
    return { 'void' }
  end
  if not fits(facts.frames) then return { 'back' } end
  if held.token ~= token then facts.attempt = facts.attempt + 1 end
  local lacks = lacksPixels(held.id, facts)
  if not lacks and facts.attempt < MAX_ATTEMPTS then
    redis.call('HSET', segmentKey(held.id), 'attempt', facts.attempt)
    return lease(turn, token, held.id, facts)
  end
  forget(held.id)
  endLease(turn, facts)
  countDrop(facts.camera, facts.frames, facts.text, lacks or 'scorer_failed')
  return { 'void' }
end

-- The oldest that has its pixels: they expire when nobody was there to drop them.
local function nextOf(camera)
  for _ = 1, MAX_DROPS do
    local id = oldestOf(camera)
    local facts = id and factsOf(id)
    local lacks = facts and lacksPixels(id, facts)
    if not lacks then return id, facts end
    dropWaiting(id, lacks)
  end
  return nil
end

local function takeTurn(turn, token, camera, start, epoch)
  if isOver then return { 'back' } end
  local held = leaseOf(turn)
  if held then return takeOver(turn, token, held) end
  local id, facts = nextOf(camera)
  if facts and not fits(facts.frames) then return { 'back' } end
  useTurn(camera, start, epoch)
  if not facts then return { 'void' } end
  leaveLine(id, facts)
  countLeased(camera, facts.frames)
  return lease(turn, token, id, facts)
end

local answers = {}
for index = 4, #ARGV, 5 do
  local start, epoch = number(ARGV[index + 3]), number(ARGV[index + 4])
  answers[#answers + 1] = takeTurn(ARGV[index], ARGV[index + 1], ARGV[index + 2], start, epoch)
end
restWhenEmpty()
return { isBehind and 1 or 0, number(redis.call('HGET', STATE, 'waiting')), answers }
