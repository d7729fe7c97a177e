-- All accounts at one instant: {camera, frames waiting, its hash} of each.
local accounts = {}
for _, camera in ipairs(redis.call('SMEMBERS', CAMERAS)) do
  local account = redis.pcall('HGETALL', cameraKey(camera))
  if isId(camera) and not account.err then
    accounts[#accounts + 1] = { camera, number(redis.call('ZSCORE', WAITING, camera)), account }
  end
end
return accounts
