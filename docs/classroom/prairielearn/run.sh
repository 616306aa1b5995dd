#!/usr/bin/env bash
# The entrypoint. In the question's info.json:
#   "externalGradingOptions": {"enabled": true, "image": "NAME/tinyseg-grader", "timeout": 120,
#     "serverFilesCourse": ["tinyseg/"], "entrypoint": "/grade/serverFilesCourse/tinyseg/run.sh"}
# and the question's folder tests/ holds assignment.toml.
set -u
export TINYSEG_GRADE_SEED="${TINYSEG_GRADE_SEED:-4711 90210}"   # choose your own
mkdir -p /grade/results
exec tinyseg grade /grade/student --assignment /grade/tests/assignment.toml \
    --format prairielearn --out /grade/results/results.json
