#!/bin/sh
# What plain programmes earn, from the tables of a pack:  sh answer.sh PACK > earnings.csv
# Cases that it has no rule for are left out and named on standard error. The variable AWK names another awk.
here=$(cd "$(dirname "$0")" && pwd) || exit 2
cd "${1:?Name the folder that funding-kit export has written.}" || exit 2
set -- cases.csv courses.csv returns/learners.csv returns/employment.csv returns/monitoring.csv returns/prices.csv \
  returns/aims.csv
for table; do
  [ -r "$table" ] || { echo "There is no $table in this folder. Is it a pack?" >&2; exit 2; }
done
LC_ALL=C exec ${AWK:-awk} -f "$here/tables.awk" -f "$here/facts.awk" -f "$here/earnings.awk" "$@"
