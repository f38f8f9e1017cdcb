-- wrk: questions about keys in random order. Arguments: file of keys, service token, method, path, Cache-Control or ''.
local requests = {}

function init(arguments)
  local file, token, method, path, cache = arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]
  local headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
  if cache ~= "" then headers["Cache-Control"] = cache end
  math.randomseed(1)
  for key in io.lines(file) do
    local body = method == "POST" and string.format('{"key":"%s","ip":"203.0.113.9"}', key) or nil
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
end

function request()
  return requests[math.random(#requests)]
end
