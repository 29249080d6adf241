-- Trims a stream of what is older than a time and read by every group. KEYS: stream. ARGV: time (ms). Returns how many entries went.
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function lower(a, b)
  local ams, aseq = parts(a)
  local bms, bseq = parts(b)
  if ams < bms or (ams == bms and aseq < bseq) then return a end
  return b
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
local floor = ARGV[1] .. '-0'
for _, raw in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #raw, 2 do group[raw[i]] = raw[i + 1] end
  floor = lower(floor, group['last-delivered-id'])
  local pending = redis.call('XPENDING', KEYS[1], group['name'])
  if pending[1] > 0 then floor = lower(floor, pending[2]) end
end
return redis.call('XTRIM', KEYS[1], 'MINID', '=', floor)
