// Package examples holds flows as people can copy them. The demo runs on them.
package examples

import "embed"

//go:embed *.json
var files embed.FS

// Files returns the example flows, each under its file name.
func Files() embed.FS { return files }
