-- wrk.lua - sends the requests of a file in turn, and prints one line of figures.
--
--     wrk … -s wrk.lua URL -- FILE
--
-- FILE has a request a line: METHOD PATH [BODY]; a body @FILE is a CSV's, and {n} in a path is another number each
-- time, also in other calls. The line printed: requests, microseconds, answers
-- of status 400 and above, requests without an answer, p50 and p99 in microseconds.

local threads = 0

function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
end

function init(args)
    number = os.time() * 100000
    requests = {}
    for line in io.lines(args[1]) do
        local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
        if body == "" then
            requests[#requests + 1] = wrk.format(method, path)
        else
            local headers = { ["Content-Type"] = "application/json" }
            if body:sub(1, 1) == "@" then
                headers["Content-Type"] = "text/csv"
                body = assert(io.open(body:sub(2))):read("*a")
            end
            for name, value in pairs(wrk.headers) do headers[name] = value end
            requests[#requests + 1] = wrk.format(method, path, headers, body)
        end
    end
    -- threads start in different places of the list
    turn = id * 7919
end

function request()
    turn = turn + 1
    return (requests[turn % #requests + 1]:gsub("{n}", string.format("%.0f", number + turn), 1))
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format("figures %d %d %d %d %d %d\n", summary.requests, summary.duration,
        e.status, e.connect + e.read + e.write + e.timeout,
        latency:percentile(50), latency:percentile(99)))
end
