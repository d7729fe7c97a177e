-- Frames that a process gave up before they came here: captured and dropped in one step.
-- ARGV: settings, reason, number of the report, who reports, then id, camera, frames, facts of each segment;
-- without an id, frames only. A report that comes twice counts once.
local reason, report, reporter = ARGV[2], number(ARGV[3]), root .. 'reports:' .. ARGV[4]
local EXPIRY_MS = 86400000
local last = redis.pcall('GET', reporter)
if type(last) ~= 'table' and number(last) >= report then return 0 end
redis.call('SET', reporter, report, 'PX', EXPIRY_MS)
for index = 5, #ARGV, 4 do
  local id, camera, frames, facts = ARGV[index], ARGV[index + 1], number(ARGV[index + 2]), ARGV[index + 3]
  redis.call('SADD', CAMERAS, camera)
  add(cameraKey(camera), 'captured', frames)
  if id == '' then
    add(cameraKey(camera), 'dropped:' .. reason, frames)
  else
    redis.call('DEL', pixelsKey(id))
    countDrop(camera, frames, facts, reason)
  end
end
return 1
