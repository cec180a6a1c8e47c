// Package examples holds the flows of the demo, which people are glad to copy.
package examples

import "embed"

// Files are the flows, one .json file each.
//
//go:embed *.json
var Files embed.FS
