// Package examples holds flows people may copy, as the demo runs them.
package examples

import "embed"

// Files holds the documents by their file names, as "donhang.json".
//
//go:embed *.json
var Files embed.FS
