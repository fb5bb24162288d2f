# table.awk - makes two C headers: awk -v table=TABLE.h -f table.awk FILE.sql… >sql.h
#
# sql.h has the parts, and the statements' names, for all; TABLE.h the statements, for one file.
#
# A statement is a file: comments, one of which is "-- reads" or "-- writes", then one command. It
# may name a part, as psql names its variables (:config_columns): that is parts/config_columns.sql,
# which C knows as WFM_SQL_CONFIG_COLUMNS. So psql can run a statement as it stands. Here it becomes
# one line: a line's end and what the next one is indented by are one blank, in a literal too.

function fail(file, why) {
    print file ".sql: " why >"/dev/stderr"
    failed = 1
    exit 1
}

# Put the parts in place of their names.
function whole(file, sql,   out, name, steps) {
    while (match(sql, /:+[a-z_]+/)) {
        name = substr(sql, RSTART, RLENGTH)
        out = out substr(sql, 1, RSTART - 1)
        sql = substr(sql, RSTART + RLENGTH)
        if (name !~ /^::/) {
            if (!((name = substr(name, 2)) in part))
                fail(file, "there is no part " name)
            if (++steps > 100)
                fail(file, "the part " name " names itself")
            sql = part[name] sql # which may name parts, too
        } else {
            out = out name
        }
    }
    return out sql
}

function literal(sql) {
    gsub(/"/, "\\\"", sql)
    return "\"" sql "\""
}

FNR == 1 {
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/\.sql$/, "", name)
    if (name in known)
        fail(name, "a statement and a part of one name")
    known[name]
    if (FILENAME ~ /parts\//)
        parts[++n_parts] = name
    else
        names[++n] = name
}

/^ *--/ {
    if ($2 == "reads" || $2 == "writes")
        effect[name] = "WFM_" toupper($2)
    next
}

/\\|;/ { fail(name, "a backslash or a semicolon") }

/--/ { fail(name, "a comment behind text: in one line it would hide what follows") }

{
    $1 = $1
    text[name] = text[name] (text[name] == "" ? "" : " ") $0
}

END {
    if (failed)
        exit 1
    print "/* made of src/db/sql by table.awk */"
    for (i = 1; i <= n_parts; i++)
        part[parts[i]] = text[parts[i]]
    for (i = 1; i <= n_parts; i++)
        print "#define WFM_SQL_" toupper(parts[i]) " " literal(whole(parts[i], text[parts[i]]))
    print "typedef enum wfm_stmt_id_e {"
    for (i = 1; i <= n; i++)
        print "    WFM_STMT_" toupper(names[i]) ","
    print "    WFM_STMT_COUNT\n} wfm_stmt_id_e;"
    print "/* made of src/db/sql by table.awk */" >table
    for (i = 1; i <= n; i++) {
        if (!effect[names[i]])
            fail(names[i], "neither \"-- reads\" nor \"-- writes\" stands in it")
        print "{.name = \"" names[i] "\", .effect = " effect[names[i]] ", .sql = " \
            literal(whole(names[i], text[names[i]])) "}," >table
    }
}
