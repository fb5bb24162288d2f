# Makefile - the only build file: module, tests, demo, checks, installation.
#
# Everything that is made lands below $(BUILD). How to compile is what apxs, apr-1-config and
# pkg-config say; `make deps` installs them where they are missing.

BUILD ?= $(if $(SANITIZE),build/asan,build)
APXS ?= apxs

ifeq ($(origin CC),default)
CC := $(shell $(APXS) -q CC 2>/dev/null)
endif

# Link-time optimisation (-flto) buys nothing here and doubles the build; fortification hides what
# the sanitizers should find.
APXS_FLAGS := $(filter-out -flto% -ffat-lto-objects,\
    $(foreach v,CFLAGS CPPFLAGS EXTRA_CFLAGS EXTRA_CPPFLAGS,$(shell $(APXS) -q $(v) 2>/dev/null)))
SANITIZE_FLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -O1)
ifdef SANITIZE
APXS_FLAGS := $(filter-out -D_FORTIFY_SOURCE%,$(APXS_FLAGS))
endif

HTTPD_INCLUDE := -isystem $(shell $(APXS) -q INCLUDEDIR 2>/dev/null)
LIB_INCLUDES := $(patsubst -I%,-isystem %,$(sort $(filter-out -I/usr/include,\
    $(shell apr-1-config --includes 2>/dev/null) $(shell apu-1-config --includes 2>/dev/null) \
    $(foreach lib,json-c libpq libcurl,$(shell pkg-config --cflags $(lib) 2>/dev/null)))))

ALL_CFLAGS = $(APXS_FLAGS) -O2 -g -std=gnu11 -Wall -Wextra -Werror -fvisibility=hidden -fPIC \
    $(SANITIZE_FLAGS) -Isrc -I$(BUILD) $(LIB_INCLUDES) -DWFM_SHAREDIR='"$(SHAREDIR)"' $(CFLAGS_EXTRA)
ALL_LDFLAGS = -Wl,--as-needed -Wl,-z,relro -Wl,-z,now $(SANITIZE_FLAGS) $(LDFLAGS)

MODULE := $(BUILD)/mod_wfmetrics.so
MODULE_SRC := mod_wfmetrics.c $(foreach folder,core stats gate db ingest pgsql api httpd,$(wildcard src/$(folder)/*.c))
# What of the module runs without a server: unit tests link it, and it must compile without httpd.
PURE_SRC := $(foreach folder,core stats gate db ingest api,$(wildcard src/$(folder)/*.c)) \
    $(addprefix src/pgsql/,copy.c result.c sqlstate.c)
UNIT_SRC := $(wildcard tests/unit/*.c)
# What all test programs share.
SUPPORT_SRC := $(wildcard tests/support/*.c)
INTEGRATION_SRC := $(wildcard tests/integration/*.c)
# The tests of faults use the integration tests' fixture and clients.
FAULTS_SRC := $(wildcard tests/faults/*.c) \
    $(addprefix tests/integration/,fixture.c http.c described.c db.c expect.c held.c json.c json_schema.c \
    lens.c side.c)
# The tests read JSON with the module's check of it.
CHECK_SRC := src/core/json_check.c src/core/text.c

# V=1 shows the commands.
Q := $(if $(V),,@)

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
APR_LIBS = $(shell apr-1-config --link-ld 2>/dev/null) $(shell apu-1-config --link-ld 2>/dev/null)

.DELETE_ON_ERROR:
.PHONY: all deps deps-build demo demo-start demo-stop check check-unit check-integration check-asan \
    check-valgrind check-faults check-openapi check-otava check-web check-prometheus check-threads check-distros \
    fuzz bench lint docs format install uninstall purge clean help

all: $(MODULE) ## build build/mod_wfmetrics.so (the default)

$(MODULE): $(call objects,$(MODULE_SRC))
	@echo "  LD $@"
	$(Q)$(CC) -shared $(ALL_LDFLAGS) -o $@ $^ $(shell pkg-config --libs json-c libpq) -lcsv -lz -lm

$(BUILD)/unit: $(call objects,$(UNIT_SRC) $(SUPPORT_SRC) $(PURE_SRC))
	@echo "  LD $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(APR_LIBS) -ljson-c -lcsv -lz -lcunit -lpthread -lm

# What of docs/api.md the route table says (make docs).
DESCRIBE_SRC := tests/openapi/describe.c tests/unit/no_database.c
$(BUILD)/describe: $(call objects,$(DESCRIBE_SRC) $(PURE_SRC))
	@echo "  LD $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(APR_LIBS) -ljson-c -lcsv -lz -lpthread -lm

$(BUILD)/integration: $(call objects,$(INTEGRATION_SRC) $(SUPPORT_SRC) $(CHECK_SRC))
	@echo "  LD $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(APR_LIBS) $(shell pkg-config --libs json-c libpq libcurl) \
	    -lcsv -lz -lcunit -lpthread -lm

$(BUILD)/faults: $(call objects,$(FAULTS_SRC) $(SUPPORT_SRC) $(CHECK_SRC))
	@echo "  LD $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(APR_LIBS) $(shell pkg-config --libs json-c libpq libcurl) \
	    -lcunit -lpthread

# Nothing else may include the server's headers.
$(call objects,$(filter-out $(PURE_SRC),$(MODULE_SRC))): HTTPD = $(HTTPD_INCLUDE)

$(BUILD)/obj/%.o: %.c Makefile
	$(if $(CC),,$(error apxs is not here: run "make deps-build", or say where it is with APXS=/path/to/apxs))
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(ALL_CFLAGS) $(HTTPD) -MMD -MP -c -o $@ $<

# The fixed SQL as C. The directories count as well, because a file may go.
SQL := $(sort $(wildcard src/db/sql/*.sql src/db/sql/parts/*.sql))

# What is made anew and stays the same keeps its time, so that nothing is compiled for it; that it has been made the
# stamp tells.
keep = if cmp -s $(1).new $(1); then rm $(1).new; else mv $(1).new $(1); fi

$(BUILD)/made/sql.stamp: src/db/sql/table.awk $(SQL) src/db/sql src/db/sql/parts
	@mkdir -p $(@D)
	@echo "  SQL $(@D)/sql.h"
	$(Q)LC_ALL=C awk -v table=$(@D)/table.h.new -f src/db/sql/table.awk $(SQL) >$(@D)/sql.h.new
	$(Q)$(call keep,$(@D)/sql.h); $(call keep,$(@D)/table.h); touch $@

# The handlers' declarations: those that the route table's rows name.
$(BUILD)/made/handlers.stamp: src/api/routes.c
	@mkdir -p $(@D)
	$(Q)tr -s ' \n' '  ' <$< | grep -oE '\{WFM_[A-Z]+, "[^"]*", [A-Z]+, api_[a-z0-9_]+' | \
	    sed 's/.* \(.*\)/wfm_error_t *\1(wfm_request_t *rq);/' | LC_ALL=C sort -u >$(@D)/handlers.h.new
	$(Q)$(call keep,$(@D)/handlers.h); touch $@

MADE := $(addprefix $(BUILD)/made/,sql.h table.h handlers.h)
$(BUILD)/made/sql.h $(BUILD)/made/table.h: $(BUILD)/made/sql.stamp
$(BUILD)/made/handlers.h: $(BUILD)/made/handlers.stamp
$(MADE):
	@test -e $@ || { rm $< && $(MAKE) --no-print-directory -s $<; }

$(call objects,$(MODULE_SRC) $(UNIT_SRC) $(DESCRIBE_SRC)): | $(MADE)

-include $(patsubst %.o,%.d,$(call objects,$(MODULE_SRC) $(UNIT_SRC) $(INTEGRATION_SRC) $(FAULTS_SRC) \
    $(SUPPORT_SRC) $(DESCRIBE_SRC) tests/stats/changes.c))

deps: ## install the packages that building, demo and tests need, where they are missing
	@tests/support/deps.sh build servers check

deps-build: ## the same for building alone: no server, no test library
	@tests/support/deps.sh build

# The two below build in a second make, because only then is apxs certain to be here.
demo: ## build and run two clusters on PORT (8080) until Ctrl-C
	@tests/support/deps.sh build servers
	@$(MAKE) --no-print-directory -s all
	@tests/demo/demo.sh run

demo-start: ## the same in the background
	@tests/support/deps.sh build servers
	@$(MAKE) --no-print-directory -s all
	@tests/demo/demo.sh start

demo-stop: ## stop it
	@tests/demo/demo.sh stop

check: deps ## install what is missing, build, run the unit and the integration tests
	@$(MAKE) --no-print-directory -s all $(BUILD)/unit $(BUILD)/integration
	@$(MAKE) --no-print-directory -s check-unit
	@$(MAKE) --no-print-directory -s check-integration

check-unit: $(BUILD)/unit ## run the unit tests (no server)
	$(BUILD)/unit

# SUITES="runs export" runs only these.
check-integration: $(MODULE) $(BUILD)/integration ## run the tests against a private httpd and PostgreSQL
	WFM_MODULE=$(MODULE) $(if $(SUITES),,tests/support/side_by_side.sh) $(BUILD)/integration $(SUITES)

check-asan: deps ## both test suites with the address and undefined behaviour sanitizers, httpd included
	@$(MAKE) --no-print-directory -s $(BUILD)/integration
	@$(MAKE) --no-print-directory -s SANITIZE=address,undefined BUILD=build/asan all build/asan/unit
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 build/asan/unit
	WFM_MODULE=build/asan/mod_wfmetrics.so \
	    tests/support/instrumented.sh asan \
	    $(if $(SUITES),,tests/support/side_by_side.sh) $(BUILD)/integration $(SUITES)

check-valgrind: deps ## both test suites under valgrind's memcheck, httpd included
	@tests/support/deps.sh valgrind
	@$(MAKE) --no-print-directory -s all $(BUILD)/unit $(BUILD)/integration
	valgrind --quiet --leak-check=full --error-exitcode=1 $(BUILD)/unit
	WFM_MODULE=$(MODULE) \
	    tests/support/instrumented.sh valgrind $(BUILD)/integration $(SUITES)

# SUITES="database pool" runs only these; FAULTS_ROUND=short does less of the same.
check-faults: deps ## break PostgreSQL, httpd and clients, and print what became of it (up to 15 minutes)
	@tests/support/deps.sh faults
	@$(MAKE) --no-print-directory -s all $(BUILD)/faults
	WFM_MODULE=$(MODULE) $(BUILD)/faults $(SUITES)

# The suites whose subject is shared by threads.
THREAD_SUITES := admission clock coalesce counters

check-prometheus: ## let a real Prometheus scrape a demo, and test conf/prometheus by it
	@tests/support/deps.sh build servers prometheus
	@$(MAKE) --no-print-directory -s all
	@tests/prometheus/check.sh

check-threads: deps ## what threads share, under valgrind's helgrind
	@tests/support/deps.sh valgrind
	@$(MAKE) --no-print-directory -s $(BUILD)/unit
	@for suite in $(THREAD_SUITES); do \
	    valgrind --tool=helgrind --quiet --error-exitcode=1 \
	        --suppressions=tests/support/helgrind.supp $(BUILD)/unit $$suite || exit 1; \
	done

# It downloads the tools that it needs below build/openapi. OPENAPI_SECONDS (60) of requests, OPENAPI_SEED others.
check-openapi: ## the API's description: a validator, docs/api.md's examples, a client in TypeScript, made-up requests
	@tests/support/deps.sh build servers openapi
	@$(MAKE) --no-print-directory -s all
	@tests/openapi/run.sh

$(BUILD)/changes: $(call objects,tests/stats/changes.c $(wildcard src/stats/*.c) src/core/pages.c)
	@echo "  LD $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(APR_LIBS) -lm

# It downloads Otava below build/otava. OTAVA_SERIES, OTAVA_FIRST, RECORD=1: see tests/stats/check.sh.
check-otava: ## change points beside Apache Otava's own, live: the same ones, and how long both take
	@tests/support/deps.sh build otava
	@$(MAKE) --no-print-directory -s $(BUILD)/changes
	@tests/stats/check.sh $(BUILD)/changes
# It downloads playwright, axe-core and TypeScript below build/web. SUITES="frame runs" runs only these. Debian: Ubuntu has
# no package of Chromium.
check-web: ## the page in Chromium beside a demo: every view, its types, axe-core
	@tests/support/deps.sh build servers web
	@$(MAKE) --no-print-directory -s all
	@SUITES="$(SUITES)" tests/web/run.sh

# DISTROS="debian-13" makes only these; tests/support/distros.sh tells the rest. Before a release.
check-distros: ## try the README's commands on fresh Debian 12, Debian 13 and Ubuntu 24.04 (as root)
	@tests/support/distros.sh $(DISTROS)

# The targets are built apart: apxs' flags (-flto, hardening) can disable the coverage that guides the
# fuzzer. Neither httpd nor PostgreSQL has a part in them.
FUZZ_CC ?= clang
FUZZ_BUILD := build/fuzz
FUZZ_TARGETS ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_CFLAGS = -O1 -g -std=gnu11 -Wall -Wextra -Werror -fno-omit-frame-pointer -Isrc $(LIB_INCLUDES) \
    $(shell apr-1-config --cppflags 2>/dev/null)
FUZZ_SANITIZE := address,undefined -fno-sanitize-recover=all
FUZZ_OBJECTS := $(patsubst %.c,$(FUZZ_BUILD)/obj/%.o,$(wildcard src/core/*.c src/stats/*.c src/ingest/*.c) \
    tests/fuzz/fuzz.c tests/fuzz/ingest.c)

$(FUZZ_BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) -MMD -MP -c -o $@ $<

$(FUZZ_BUILD)/%: $(FUZZ_BUILD)/obj/tests/fuzz/fuzz_%.o $(FUZZ_OBJECTS)
	@echo "  LD $@"
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ $^ $(shell apu-1-config --link-ld) $(shell apr-1-config --link-ld) -ljson-c -lcsv -lz -lm

.PRECIOUS: $(FUZZ_BUILD)/obj/%.o
-include $(wildcard $(FUZZ_BUILD)/obj/*/*/*.d)

# FUZZ_SECONDS (60) for each target, FUZZ_JOBS (1) at a time, FUZZ_TARGETS="json csv" only these.
fuzz: ## fuzz the parsers of src/core, FUZZ_SECONDS=60 each
	@tests/support/deps.sh fuzz
	@$(MAKE) --no-print-directory -s $(addprefix $(FUZZ_BUILD)/,$(FUZZ_TARGETS))
	@tests/fuzz/run.sh $(FUZZ_BUILD) $(FUZZ_TARGETS)

# BENCH_RUNS, BENCH_REPEATS, BENCH_PAIRS, BENCH_SECONDS and BENCH_ONLY: see tests/bench/bench.sh.
bench: ## measure the module beside its yardsticks, 50 000 runs (BENCH_RUNS=2000 for a quick look)
	@tests/support/deps.sh build servers bench
	@$(MAKE) --no-print-directory -s all
	@tests/bench/bench.sh

lint: ## check format, static analysis, include directions and the rules of CONTRIBUTING.md
	@tests/support/deps.sh build servers check lint
	@$(MAKE) --no-print-directory -s all $(BUILD)/describe
	@BUILD=$(BUILD) tests/support/lint.sh

docs: ## make what docs/api.md has of the route table anew: the index, the tables of inputs
	@$(MAKE) --no-print-directory -s $(BUILD)/describe
	$(BUILD)/describe <docs/api.md >$(BUILD)/api.md
	cat $(BUILD)/api.md >docs/api.md

format: ## rewrite the C sources in the project's format
	@tests/support/deps.sh format
	clang-format -i $(MODULE_SRC) $(wildcard src/*/*.h tests/*/*.[ch])

# Where things go; DESTDIR stands before all of it, and may hold blanks. The module's log names SHAREDIR.
LIBEXECDIR = $(shell $(APXS) -q LIBEXECDIR)
SYSCONFDIR = $(shell $(APXS) -q SYSCONFDIR)
SHAREDIR = /usr/share/mod_wfmetrics

install: $(MODULE) ## install module, configuration, migrations and example hosts (below DESTDIR)
	install -D -m 0644 "$(MODULE)" "$(DESTDIR)$(LIBEXECDIR)/mod_wfmetrics.so"
	install -d "$(DESTDIR)$(SYSCONFDIR)/mods-available"
	sed 's|/usr/lib/apache2/modules|$(LIBEXECDIR)|' conf/wfmetrics.load \
	    >"$(DESTDIR)$(SYSCONFDIR)/mods-available/wfmetrics.load"
	@# The administrator's edits survive an upgrade.
	test -e "$(DESTDIR)$(SYSCONFDIR)/mods-available/wfmetrics.conf" || \
	    install -m 0644 conf/wfmetrics.conf "$(DESTDIR)$(SYSCONFDIR)/mods-available/wfmetrics.conf"
	for part in schema undo roles vhosts prometheus web; do \
	    rm -rf "$(DESTDIR)$(SHAREDIR)/$$part" && install -d "$(DESTDIR)$(SHAREDIR)/$$part" || exit 1; \
	done
	install -m 0644 src/db/schema/*.sql "$(DESTDIR)$(SHAREDIR)/schema"
	install -m 0644 src/db/undo/*.sql "$(DESTDIR)$(SHAREDIR)/undo"
	install -m 0644 src/db/roles/*.sql "$(DESTDIR)$(SHAREDIR)/roles"
	install -m 0644 conf/vhosts/*.conf "$(DESTDIR)$(SHAREDIR)/vhosts"
	install -m 0644 conf/prometheus/* "$(DESTDIR)$(SHAREDIR)/prometheus"
	install -m 0644 conf/access-log.conf conf/page.conf "$(DESTDIR)$(SHAREDIR)"
	install -m 0644 $(filter-out src/web/views,$(wildcard src/web/*)) "$(DESTDIR)$(SHAREDIR)/web"
	install -d "$(DESTDIR)$(SHAREDIR)/web/views"
	install -m 0644 src/web/views/*.js "$(DESTDIR)$(SHAREDIR)/web/views"
	@# The chart's library is a package of its own (libjs-dygraphs).
	ln -s /usr/share/javascript/dygraphs "$(DESTDIR)$(SHAREDIR)/web/dygraphs"

# The database side cannot be looked at from here, so what takes it away stays.
uninstall: ## remove what install put there, but edited configuration and the undo scripts
	@conf/in-use.sh "$(DESTDIR)$(SYSCONFDIR)" $(if $(DESTDIR),,apachectl)
	rm -f "$(DESTDIR)$(SYSCONFDIR)/mods-enabled/wfmetrics.load" \
	    "$(DESTDIR)$(SYSCONFDIR)/mods-enabled/wfmetrics.conf" \
	    "$(DESTDIR)$(SYSCONFDIR)/mods-available/wfmetrics.load"
	@conf="$(DESTDIR)$(SYSCONFDIR)/mods-available/wfmetrics.conf"; \
	if cmp -s conf/wfmetrics.conf "$$conf"; then rm -f "$$conf"; \
	elif [ -e "$$conf" ]; then echo "kept, as it has been edited or is another version's: $$conf"; fi
	rm -f "$(DESTDIR)$(LIBEXECDIR)/mod_wfmetrics.so"
	rm -rf $(foreach part,schema roles vhosts prometheus web page.conf access-log.conf,"$(DESTDIR)$(SHAREDIR)/$(part)")
	@if [ -d "$(DESTDIR)$(SHAREDIR)/undo" ]; then \
	    echo 'kept, to take away what the migrations made in each database ("make purge" removes it):'; \
	    ls -r "$(DESTDIR)$(SHAREDIR)/undo"/*.sql | \
	        sed 's|.*|    sudo -u postgres psql -q -d DATABASE -f "&"|'; \
	fi

purge: ## the same, and edited configuration and the undo scripts
	@conf/in-use.sh "$(DESTDIR)$(SYSCONFDIR)" $(if $(DESTDIR),,apachectl)
	rm -f "$(DESTDIR)$(SYSCONFDIR)/mods-available/wfmetrics.conf"
	rm -rf "$(DESTDIR)$(SHAREDIR)"
	@$(MAKE) --no-print-directory uninstall

clean: ## remove everything that was built (stops a demo that runs)
	@if [ -d build/demo ]; then tests/demo/demo.sh stop; fi
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 20
