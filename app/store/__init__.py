"""PostgreSQL: one room a noun, each with its table and what is read and written of it."""
