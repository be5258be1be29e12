"""The database: schema, connection, transaction, audit log, outbox. The only place that knows the SQL dialect."""
