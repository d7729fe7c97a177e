-- All accounts at one instant: {camera, frames waiting, its hash} of each.
local accounts = {}
for _, camera in ipairs(redis.call('SMEMBERS', CAMERAS)) do
  accounts[#accounts + 1] = {
    camera, number(redis.call('ZSCORE', WAITING, camera)), redis.call('HGETALL', cameraKey(camera)),
  }
end
return accounts
