// Package migrations holds the schema of both databases as plain SQL, one file
// a noun and of the same name in both folders. Files only ever go up, and one
// that was released never changes.
package migrations

import "embed"

// Postgres and SQLite hold the files under the folder of that name.
var (
	//go:embed postgres/*.sql
	Postgres embed.FS
	//go:embed sqlite/*.sql
	SQLite embed.FS
)
