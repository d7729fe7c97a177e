-- Makes what is here right again, whoever wrote into it: keys of another type are moved out of the way, what belongs
-- to nothing is taken out, and sums are counted anew. Changes nothing where nothing is wrong.
-- ARGV: settings, ms since the last audit for which another is not made, then key and type of each that is not a
-- camera's. Returns kind, place and reason of each thing found.
local KEPT_MS = 86400000
local AHEAD_MS = 60000
local DAY_MS = 86400000
local MOST_CAMERAS, MOST_MEMBERS, MOST_TURNS = 10000, 100000, 1000
local now = nowMs()
local found = {}

local audited = redis.pcall('GET', root .. 'audited')
local sinceMs = type(audited) == 'table' and math.huge or now - number(audited)
if sinceMs >= 0 and sinceMs < number(ARGV[2]) then return found end
redis.call('SET', root .. 'audited', string.format('%.0f', now))

local function report(kind, place, reason)
  found[#found + 1] = { kind, place, reason }
end

local function setAside(name, reason)
  redis.call('RENAME', root .. name, root .. 'aside:' .. name)
  redis.call('PEXPIRE', root .. 'aside:' .. name, KEPT_MS)
  report('key', root .. name, reason .. '; it is at aside:' .. name .. ' for a day')
end

local SIZES = { hash = 'HLEN', set = 'SCARD', zset = 'ZCARD', list = 'LLEN' }

local function check(name, expected, most)
  local is = redis.call('TYPE', root .. name).ok
  if is == 'none' then return end
  if is ~= expected then return setAside(name, 'a ' .. is .. ' where a ' .. expected .. ' belongs') end
  local size = most and SIZES[is] and redis.call(SIZES[is], root .. name) or 0
  if size > (most or 0) then setAside(name, size .. ' members are more than there can be') end
end

for index = 3, #ARGV, 2 do check(ARGV[index], ARGV[index + 1], MOST_MEMBERS) end

local function checkTurns()
  local lines = {
    redis.call('ZRANGE', root .. 'turns:prioritized', 0, MOST_TURNS), redis.call('LRANGE', root .. 'turns:wait', 0, MOST_TURNS),
    redis.call('LRANGE', root .. 'turns:active', 0, MOST_TURNS),
  }
  for _, line in ipairs(lines) do
    for _, id in ipairs(line) do check('turns:' .. id, 'hash', MOST_MEMBERS) end
  end
end

-- BullMQ counts with them.
local function checkCounter(name)
  if redis.call('EXISTS', root .. name) == 0 then return end
  local count = redis.call('GETRANGE', root .. name, 0, 20)
  if #count > 15 or not string.find(count, '^%d+$') then setAside(name, 'it is no count') end
end

local function checkStream(name)
  if redis.call('EXISTS', root .. name) == 0 then return end
  local info = redis.call('XINFO', 'STREAM', root .. name)
  for index = 1, #info, 2 do
    if info[index] == 'last-generated-id' and number(string.match(info[index + 1], '^%d+')) > now + DAY_MS then
      return setAside(name, 'its last id is from the future')
    end
  end
end

-- Frames that really wait, by camera, and which segments they are.
local isInLine = {}
local function countLine(camera)
  local frames = 0
  for _, id in ipairs(redis.call('ZRANGE', lineKey(camera), 0, -1)) do
    local facts = factsOf(id)
    if facts and facts.camera == camera then
      frames = frames + facts.frames
      isInLine[id] = facts
    else
      redis.call('ZREM', lineKey(camera), id)
      forget(id)
      report('segment', segmentKey(id), 'it is none of its camera')
    end
  end
  return frames
end

local function countLeases()
  local frames = {}
  local leases = redis.call('HGETALL', LEASES)
  for index = 1, #leases, 2 do
    local turn = leases[index]
    local lease = leaseOf(turn)
    local facts = lease and factsOf(lease.id)
    if not facts then
      redis.call('HDEL', LEASES, turn)
      report('lease', LEASES .. ' ' .. turn, 'it is none of a segment')
    else
      frames[facts.camera] = (frames[facts.camera] or 0) + facts.frames
      if lease.sinceMs > now + AHEAD_MS then
        redis.call('HSET', LEASES, turn, lease.token .. ' ' .. string.format('%.0f', now) .. ' ' .. lease.id)
      end
    end
  end
  return frames
end

local function isCount(value)
  local read = tonumber(value)
  return read ~= nil and read >= 0 and read % 1 == 0 and read < 2 ^ 53
end

local function checkAccount(camera, waiting, leased)
  local fields = redis.call('HGETALL', cameraKey(camera))
  local account, ended, isRight = { captured = 0, leased = 0, scored = 0 }, {}, true
  local sum = waiting + leased
  for index = 1, #fields, 2 do
    local field, value = fields[index], fields[index + 1]
    local isDrop = string.sub(field, 1, 8) == 'dropped:'
    if isDrop or account[field] then
      isRight = isRight and isCount(value)
      if not isDrop then account[field] = number(value) end
      if isDrop or field == 'scored' then
        ended[#ended + 1] = field
        sum = sum + number(value)
      end
    end
  end
  if isRight and account.captured == sum and account.leased == leased then return end
  if #ended > 0 then redis.call('HDEL', cameraKey(camera), unpack(ended)) end
  redis.call('HSET', cameraKey(camera), 'captured', waiting + leased, 'leased', leased)
  report('account', cameraKey(camera), 'it did not add up: counted anew from zero')
end

local function checkWaiting(camera, waiting)
  if number(redis.call('ZSCORE', WAITING, camera)) == waiting then return end
  if waiting > 0 then redis.call('ZADD', WAITING, waiting, camera) else redis.call('ZREM', WAITING, camera) end
end

local function checkAges()
  for id, facts in pairs(isInLine) do
    local age = redis.call('ZSCORE', AGES, id)
    if not age or number(age) > now + AHEAD_MS then redis.call('ZADD', AGES, math.min(now, facts.captured), id) end
  end
  for _, id in ipairs(redis.call('ZRANGE', AGES, 0, -1)) do
    if not isInLine[id] then redis.call('ZREM', AGES, id) end
  end
end

checkTurns()
checkCounter('turns:id')
checkCounter('turns:pc')
checkStream('outcomes')
checkStream('turns:events')
checkStream('quarantine')
local leasedBy = countLeases()
local isCamera, totalWaiting, totalLeased = {}, 0, 0
if redis.call('SCARD', CAMERAS) > MOST_CAMERAS then setAside('cameras', 'more than there can be') end
for _, camera in ipairs(redis.call('SMEMBERS', CAMERAS)) do
  if not isId(camera) then
    redis.call('SREM', CAMERAS, camera)
    report('account', CAMERAS .. ' ' .. camera, 'it is no camera id')
  else
    isCamera[camera] = true
    check('camera:' .. camera, 'hash', MOST_MEMBERS)
    check('line:' .. camera, 'zset', MOST_MEMBERS)
    check('recent:' .. camera, 'list', MOST_MEMBERS)
    check('frames:' .. camera, 'hash', MOST_MEMBERS)
    local waiting, leased = countLine(camera), leasedBy[camera] or 0
    totalWaiting, totalLeased = totalWaiting + waiting, totalLeased + leased
    checkAccount(camera, waiting, leased)
    checkWaiting(camera, waiting)
  end
end
for _, camera in ipairs(redis.call('ZRANGE', WAITING, 0, -1)) do
  if not isCamera[camera] then redis.call('ZREM', WAITING, camera) end
end
checkAges()
local state = redis.call('HMGET', STATE, 'waiting', 'leased')
if number(state[1]) ~= totalWaiting or number(state[2]) ~= totalLeased then
  redis.call('HSET', STATE, 'waiting', totalWaiting, 'leased', totalLeased)
  report('account', STATE, 'it was not the sum of its cameras')
end
return found
