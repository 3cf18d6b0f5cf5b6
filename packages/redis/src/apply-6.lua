--[[
  Applies writes that the fold of the alarm log has decided, in order, each once.

  KEYS[1] position          string: newest log position applied; absent means -1
  KEYS[2] alarms            hash: alarm id -> JSON
  KEYS[3] open              sorted set: id of each open alarm, by startedAtMs
  KEYS[4] open-of-vehicle   sorted set: "<vehicle id>\n<alarm id>" of each open alarm, score 0 (read by lexical range)
  KEYS[5] open-counts       hash: rule -> number of open alarms; no entry means none
  KEYS[6] events            stream: id "<log position + 1>-<index>", fields: type, data, prev (id of the event before)

  ARGV[1] after             position that the writer believes to be stored
  ARGV[2] upTo              position to store
  ARGV[3] eventsKept        how many events the stream keeps at least
  ARGV[4...] writes, one behind the other, positions ascending:
    'put',   position, alarm id, vehicle id, rule, startedAtMs, '1' (open) or '0', JSON
    'drop',  position, alarm id
    'event', position, index, type, data

  Returns { 'applied' | 'rewound', stored position }. 'rewound': the stored position is before `after`; nothing was written.

  Atomicity: Redis runs a script alone, so readers see all of its writes or none. A script that fails half-way is not
  taken back; here only a key of a foreign type could do that. Out of memory refuses the first write, before any.
  Idempotence: a write at or below the stored position is skipped. An event is skipped, too, where the stream has
  passed its id: ids are made of log positions, so deleting `position` alone has everything rebuilt, nothing doubled.
--]]

local positionKey, alarmsKey, openKey, openOfVehicleKey, openCountsKey, eventsKey = unpack(KEYS)
local after, upTo, eventsKept = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local storedText = redis.call('GET', positionKey) or '-1'
local stored = tonumber(storedText)
if stored < after then
  return { 'rewound', storedText }
end

local function closeAlarm(alarmId, vehicleId, rule)
  if redis.call('ZREM', openKey, alarmId) == 1 then
    redis.call('ZREM', openOfVehicleKey, vehicleId .. '\n' .. alarmId)
    if redis.call('HINCRBY', openCountsKey, rule, -1) <= 0 then
      redis.call('HDEL', openCountsKey, rule)
    end
  end
end

local function putAlarm(alarmId, vehicleId, rule, startedAtMs, open, json)
  redis.call('HSET', alarmsKey, alarmId, json)
  if open == '0' then
    closeAlarm(alarmId, vehicleId, rule)
  elseif redis.call('ZADD', openKey, startedAtMs, alarmId) == 1 then
    redis.call('ZADD', openOfVehicleKey, 0, vehicleId .. '\n' .. alarmId)
    redis.call('HINCRBY', openCountsKey, rule, 1)
  end
end

local function dropAlarm(alarmId)
  local json = redis.call('HGET', alarmsKey, alarmId)
  if json then
    local alarm = cjson.decode(json)
    closeAlarm(alarmId, alarm.vehicleId, alarm.rule)
    redis.call('HDEL', alarmsKey, alarmId)
  end
end

local newest = redis.call('XREVRANGE', eventsKey, '+', '-', 'COUNT', 1)[1]
local newestId = newest and newest[1] or '0-0'
local newestFirst, newestSecond = string.match(newestId, '^(%d+)-(%d+)$')
newestFirst, newestSecond = tonumber(newestFirst), tonumber(newestSecond)

local function appendEvent(position, index, type, data)
  local first, second = position + 1, tonumber(index)
  if first < newestFirst or (first == newestFirst and second <= newestSecond) then
    return
  end
  -- %.0f, because tostring() turns a large number into 1e+15.
  local id = string.format('%.0f-%s', first, index)
  redis.call('XADD', eventsKey, id, 'type', type, 'data', data, 'prev', newestId)
  newestId, newestFirst, newestSecond = id, first, second
end

local at = 4
local arguments = { put = 8, drop = 3, event = 5 }
while at <= #ARGV do
  local op, position = ARGV[at], tonumber(ARGV[at + 1])
  if position > stored then
    if op == 'put' then
      putAlarm(ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], ARGV[at + 6], ARGV[at + 7])
    elseif op == 'drop' then
      dropAlarm(ARGV[at + 2])
    else
      appendEvent(position, ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
    end
  end
  at = at + arguments[op]
end

if upTo > stored then
  redis.call('SET', positionKey, ARGV[2])
  -- Whole nodes only (~): cheap, and never fewer than asked for.
  redis.call('XTRIM', eventsKey, 'MAXLEN', '~', eventsKept)
  storedText = ARGV[2]
end
return { 'applied', storedText }
