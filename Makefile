# The whole interface of the repository; the work is in scripts/ and bench/.
.DEFAULT_GOAL := help
.PHONY: help demo demo-service demo-reset dev test check bench prepare install stop

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

demo: ## install what is missing, build, fill in demo data and serve it on PORT (3000) until Ctrl-C
	@scripts/demo

demo-service: ## serve a product that asks the running demo about API keys, at http://127.0.0.1:4000
	@scripts/demo-service

demo-reset: ## throw the demo data away; the next demo starts afresh
	@scripts/demo-reset

dev: ## the demo, built again on every save
	@scripts/dev

test: ## every test: rules, slices over PostgreSQL and Redis, browser
	@scripts/test

check: ## formatting, clippy for server and browser, documentation, .sqlx, migrations, licences
	@scripts/check

bench: ## the figures: bytes of the first load, invoices as PDF, dashboard, sign-in, export, verification of keys
	@bench/run

prepare: ## describe every SQL statement anew in .sqlx (after changing one, or a migration)
	@scripts/prepare

install: ## only install what demo and test need
	@scripts/install test

stop: ## stop the PostgreSQL and Redis that the other commands started
	@scripts/services stop
