-- Commits what articles, people and changed rules did to a story: its state and the events. All or nothing, and only onto the state
-- that it was worked out from. KEYS: meta, entries, state, decisions, notes, ids, matches, claims, alerts.
-- ARGV: revision expected, now (ms), JSON of {meta, entries, states, decisions, notes, gone, events}.
-- gone: fields to drop, by the name of what they stand in.
-- events: list of {stream (1 matches, 2 claims, 3 alerts), id, fields (flat list)}. Returns the new revision, or -1 when it was another.
local revision = redis.call('HGET', KEYS[1], 'revision') or '0'
if revision ~= ARGV[1] then
  return -1
end
local commit = cjson.decode(ARGV[3])
for place, name in ipairs({'meta', 'entries', 'states', 'decisions', 'notes'}) do
  for field, value in pairs(commit[name]) do
    redis.call('HSET', KEYS[place], field, value)
  end
  for _, field in ipairs(commit.gone[name] or {}) do
    redis.call('HDEL', KEYS[place], field)
  end
end
for _, event in ipairs(commit.events) do
  if redis.call('ZADD', KEYS[6], 'NX', ARGV[2], event[2]) == 1 then
    redis.call('XADD', KEYS[6 + event[1]], '*', unpack(event[3]))
  end
end
return redis.call('HINCRBY', KEYS[1], 'revision', 1)
