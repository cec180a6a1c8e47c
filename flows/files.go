package flows

import (
	"regexp"
	"slices"

	"github.com/blockcast/blockcast/blocks"
)

// fileNamed finds what may be addresses of files a bot keeps; the check knows
// which are.
var fileNamed = regexp.MustCompile(blocks.MediaScheme + `[0-9a-f]{32}`)

// FilesNamed returns the ids of the files a document may show, each once: those
// a Catalog's Files should tell about.
func FilesNamed(document []byte) []string {
	var ids []string
	for _, at := range fileNamed.FindAll(document, -1) {
		ids = append(ids, string(at[len(blocks.MediaScheme):]))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// checkFiles reports pictures, films and files that nobody would see, because
// the bot does not keep them, or not any more.
func (c *checking) checkFiles() {
	if c.catalog.Files == nil {
		return
	}
	for _, f := range c.files {
		if !c.catalog.Files[f.ID] {
			c.problems.add(CodeUnknownFile, f.Path, "the bot keeps no file "+quote(blocks.MediaScheme+f.ID),
				"blockcast media list shows those it keeps, and media upload takes more")
		}
	}
}
