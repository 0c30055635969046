#!/bin/sh
# Makes Temporal's two databases, or brings them to the schema of this release. Safe to run again.
set -eu
for name in temporal visibility; do
  database=$([ "$name" = temporal ] && echo temporal || echo temporal_visibility)
  temporal-sql-tool --database "$database" create-database || true
  temporal-sql-tool --database "$database" setup-schema -v 0.0 || true
  temporal-sql-tool --database "$database" update-schema --schema-name "postgresql/v12/$name"
done
