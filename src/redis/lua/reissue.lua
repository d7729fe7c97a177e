-- Lines wait and no turn is left (it was lost on its way to BullMQ): every camera gets its turns anew.
-- ARGV: settings, most turns. Returns segment, camera, start, epoch of each turn to add.
local found = {}
for _, camera in ipairs(redis.call('ZREVRANGE', WAITING, 0, -1)) do
  local turns = turnsOf(camera)
  turns.count = 0
  turns.finish = turns.virtual
  saveTurns(camera, turns)
  for _, id in ipairs(redis.call('ZRANGE', lineKey(camera), 0, -1)) do
    if #found >= 4 * number(ARGV[2]) then return found end
    local facts = factsOf(id)
    local issued = facts and issueTurn(camera, facts.frames)
    if issued then
      found[#found + 1] = id
      for field = 1, 3 do found[#found + 1] = issued[field] end
    end
  end
end
return found
