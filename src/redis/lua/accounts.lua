-- Begins every script: lines of waiting segments, leases, accounts and turns, and what happens to them.
-- KEYS[1] is the state; every other key begins like it and so lies in the same slot of a cluster.
-- ARGV[1] are the settings of the caller, as JSON.
local STATE = KEYS[1]
local root = string.sub(STATE, 1, -1 - #'state')
local WAITING = root .. 'waiting'
local AGES = root .. 'ages'
local LEASES = root .. 'leases'
local OUTCOMES = root .. 'outcomes'
local CAMERAS = root .. 'cameras'
local MAX_ATTEMPTS = 3
local MAX_DROPS = 1000
-- Of a segment; beyond them it is not one of ours.
local MAX_FRAMES = 10000
local MAX_TEXT = 1048576

local settings = cjson.decode(ARGV[1])

local function cameraKey(camera) return root .. 'camera:' .. camera end
local function lineKey(camera) return root .. 'line:' .. camera end
local function recentKey(camera) return root .. 'recent:' .. camera end
local function segmentKey(id) return root .. 'segment:' .. id end
local function pixelsKey(id) return root .. 'pixels:' .. id end

-- 0 for what is no number, or none to count with.
local function number(value)
  local read = tonumber(value or 0) or 0
  if read ~= read or read == math.huge or read == -math.huge then return 0 end
  return read
end

local function isId(text)
  return #text <= 63 and string.find(text, '^%w[%w_-]*$') ~= nil
end

-- Adds to a field of a hash; one that holds no whole number begins anew.
local function add(key, field, by)
  local sum = redis.pcall('HINCRBY', key, field, string.format('%.0f', by))
  if type(sum) ~= 'table' then return sum end
  if not (string.find(sum.err, 'integer') or string.find(sum.err, 'overflow')) then error(sum) end
  redis.call('HSET', key, field, string.format('%.0f', by))
  return by
end

-- One clock judges all ages: Redis's own, or one that is given (tests).
local function nowMs()
  if settings.nowMs then return settings.nowMs end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Nil when the segment is gone, or what is there is none.
local function factsOf(id)
  local facts = redis.pcall('HMGET', segmentKey(id),
    'camera', 'frames', 'facts', 'attempt', 'captured', 'position', 'bytes')
  if facts.err or not facts[1] or not facts[3] then return nil end
  local frames = number(facts[2])
  if frames < 1 or frames > MAX_FRAMES or frames % 1 ~= 0 then return nil end
  if #facts[3] > MAX_TEXT or not isId(facts[1]) then return nil end
  return {
    camera = facts[1], frames = frames, text = facts[3], attempt = number(facts[4]),
    captured = number(facts[5]), position = number(facts[6]), bytes = tonumber(facts[7] or nil),
  }
end

-- Why its pixels can't be used; nil when they can.
local function lacksPixels(id, facts)
  local bytes = redis.pcall('STRLEN', pixelsKey(id))
  if bytes == 0 then return 'too_old' end
  if type(bytes) == 'table' or (facts.bytes and facts.bytes ~= bytes) then return 'invalid' end
  return nil
end

-- Scores are always told; notices of drops only while the reader is not hopelessly behind (they are counted).
local function tell(facts, outcome, maps)
  if maps then
    redis.call('XADD', OUTCOMES, '*', 'facts', facts, 'outcome', outcome, 'maps', maps)
  elseif redis.call('XLEN', OUTCOMES) < 2 * settings.maxUnread then
    redis.call('XADD', OUTCOMES, '*', 'facts', facts, 'outcome', outcome)
  end
end

local function countDrop(camera, frames, facts, reason)
  add(cameraKey(camera), 'dropped:' .. reason, frames)
  tell(facts, '{"kind":"dropped","reason":"' .. reason .. '"}')
end

local function countWaiting(camera, frames)
  add(STATE, 'waiting', frames)
  if number(redis.call('ZINCRBY', WAITING, frames, camera)) <= 0 then
    redis.call('ZREM', WAITING, camera)
  end
end

local function countLeased(camera, frames)
  add(STATE, 'leased', frames)
  add(cameraKey(camera), 'leased', frames)
end

local function enterLine(id, facts)
  redis.call('ZADD', lineKey(facts.camera), facts.position, id)
  redis.call('ZADD', AGES, facts.captured, id)
  countWaiting(facts.camera, facts.frames)
end

-- Deletes first: when Redis is full, a script that has begun by freeing memory may go on writing.
local function leaveLine(id, facts)
  redis.call('ZREM', lineKey(facts.camera), id)
  redis.call('ZREM', AGES, id)
  countWaiting(facts.camera, -facts.frames)
end

local function forget(id)
  redis.call('DEL', pixelsKey(id), segmentKey(id))
end

local function dropWaiting(id, reason)
  local facts = factsOf(id)
  forget(id)
  if not facts then return redis.call('ZREM', AGES, id) end
  leaveLine(id, facts)
  countDrop(facts.camera, facts.frames, facts.text, reason)
end

local function dropTooOld(now)
  local oldest = string.format('(%.0f', now - settings.maxFrameAgeMs)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', AGES, '-inf', oldest, 'LIMIT', 0, MAX_DROPS)) do
    dropWaiting(id, 'too_old')
  end
end

-- Never of a segment that is gone, whoever took it: a script that loops would stop all of Redis.
local function oldestOf(camera)
  for _, id in ipairs(redis.call('ZRANGE', lineKey(camera), 0, -1)) do
    if factsOf(id) then return id end
    redis.call('ZREM', lineKey(camera), id)
  end
  return nil
end

local function dropOverflow(camera)
  while number(redis.call('ZSCORE', WAITING, camera)) > settings.maxFramesPerCamera
    and redis.call('ZCARD', lineKey(camera)) > 1 do
    local oldest = oldestOf(camera)
    if not oldest then break end
    dropWaiting(oldest, 'queue_full')
  end
  while number(redis.call('HGET', STATE, 'waiting')) > settings.maxFrames do
    local longest = redis.call('ZREVRANGE', WAITING, 0, 0)[1]
    local oldest = longest and oldestOf(longest)
    if oldest then
      dropWaiting(oldest, 'queue_full')
    elseif longest then
      redis.call('ZREM', WAITING, longest)
    else
      redis.call('HSET', STATE, 'waiting', 0)
    end
  end
end

-- The lease that a turn holds: token, since when, segment.
local function leaseOf(turn)
  local lease = redis.call('HGET', LEASES, turn)
  if not lease then return nil end
  local token, sinceMs, id = string.match(lease, '^(%S+) (%S+) (.+)$')
  if not token then
    redis.call('HDEL', LEASES, turn)
    return nil
  end
  return { token = token, sinceMs = number(sinceMs), id = id }
end

local function endLease(turn, facts)
  redis.call('HDEL', LEASES, turn)
  countLeased(facts.camera, -facts.frames)
end

-- Turns: a camera is owed one for every segment that waits. The virtual time says how many frames each camera
-- that always had some waiting was served; it starts anew (an epoch) when nothing waits.
-- Whole numbers, as they come back from those who hold turns; far below where they would stop being exact.
local MAX_WHOLE = 2 ^ 50

local function whole(value)
  return math.min(MAX_WHOLE, math.max(0, math.floor(number(value))))
end

local function turnsOf(camera)
  local state = redis.call('HMGET', STATE, 'epoch', 'virtual')
  local own = redis.call('HMGET', cameraKey(camera), 'epoch', 'finish', 'turns')
  local epoch = whole(state[1])
  local isCurrent = whole(own[1]) == epoch
  return {
    epoch = epoch, virtual = whole(state[2]),
    finish = isCurrent and whole(own[2]) or 0, count = isCurrent and whole(own[3]) or 0,
  }
end

local function saveTurns(camera, turns)
  redis.call('HSET', cameraKey(camera), 'epoch', turns.epoch, 'finish', turns.finish, 'turns', turns.count)
end

-- A turn for a camera that has fewer than it is owed, as {camera, start, epoch}; nil when it has enough.
local function issueTurn(camera, frames)
  local turns = turnsOf(camera)
  if turns.count >= redis.call('ZCARD', lineKey(camera)) then return nil end
  local start = math.max(turns.virtual, turns.finish)
  -- Frames that come back were paid for when they were first handed out.
  if frames == 0 then start = turns.virtual end
  turns.finish = math.max(turns.finish, start + frames)
  turns.count = turns.count + 1
  saveTurns(camera, turns)
  return { camera, start, turns.epoch }
end

local function useTurn(camera, start, epoch)
  local turns = turnsOf(camera)
  if turns.epoch ~= epoch then return end
  turns.count = math.max(0, turns.count - 1)
  saveTurns(camera, turns)
  if start > turns.virtual then redis.call('HSET', STATE, 'virtual', start) end
end

local function restWhenEmpty()
  if number(redis.call('HGET', STATE, 'waiting')) > 0 then return end
  add(STATE, 'epoch', 1)
  redis.call('HSET', STATE, 'virtual', 0)
end
