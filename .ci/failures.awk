# failures.awk - of a log of one of .ci/run's targets: what failed, and why.
#
# CUnit's tests with their suites and assertions, what a sanitizer found, checks of lint, fuzz targets, errors of
# a compiler: each with the lines behind it, up to where something else begins.

/^Suite: / { suite = $0 }
/^  Test: / { test = $0 }
/^Suite: |^  Test: |^ok |^Run Summary|^httpd's error log|^$/ { left = 0 }

# Some tests print lines of their own before they fail.
/FAILED$/ && suite {
    print suite
    if ($0 != test)
        print test
}
/FAILED|: runtime error: |ERROR: [A-Za-z]+Sanitizer|^==[0-9]+== [A-Z]|: (fatal )?error: / ||
/ \(above\)\.$|test program crashed|died of a signal|^no test has got/ { left = 12 }

left-- > 0 { print substr($0, 1, 500) }
