-- wrk.lua - sends the requests of a file in turn, and prints one line of figures.
--
--     wrk … -s wrk.lua URL -- FILE
--
-- FILE has a request a line: METHOD PATH [BODY]. The line printed: requests, microseconds, answers
-- of status 400 and above, requests without an answer, p50 and p99 in microseconds.

local threads = 0

function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
end

function init(args)
    local json = { ["Content-Type"] = "application/json" }
    requests = {}
    for line in io.lines(args[1]) do
        local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
        if body == "" then
            requests[#requests + 1] = wrk.format(method, path)
        else
            for name, value in pairs(wrk.headers) do json[name] = value end
            requests[#requests + 1] = wrk.format(method, path, json, body)
        end
    end
    -- threads start in different places of the list
    turn = id * 7919
end

function request()
    turn = turn + 1
    return requests[turn % #requests + 1]
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format("figures %d %d %d %d %d %d\n", summary.requests, summary.duration,
        e.status, e.connect + e.read + e.write + e.timeout,
        latency:percentile(50), latency:percentile(99)))
end
