-- Announces rules that came into force, or that could not be used. Only onto the state that it was worked out from.
-- KEYS: ruleset, rules. ARGV: revision expected, the new state (JSON), then the event's fields, if there is one.
-- Returns 1, or 0 when the revision was another.
if (redis.call('HGET', KEYS[1], 'revision') or '0') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'state', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'revision', 1)
if #ARGV > 2 then
  redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
end
return 1
