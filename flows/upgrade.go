package flows

import (
	"fmt"
	"strconv"
)

// upgrades holds, for each format before Format, what turns a document of it
// into one of the next. The places in the text stay those of what was written.
var upgrades = [Format - 1]func(*node){}

// upgrade brings a document to Format; false when its format is not known.
func upgrade(root *node, p *problems) bool {
	n := root.get("format")
	if n == nil {
		p.at(root.at, CodeFormat, "", `"format" is missing`, fmt.Sprintf(`write "format": %d at the top`, Format))
		return true // read on: it is most likely the newest
	}
	format, err := strconv.Atoi(n.text)
	if n.shape != isNumber || err != nil || format < 1 || format > Format {
		p.at(n.at, CodeFormat, "/format", fmt.Sprintf("this program reads format 1 to %d, not %s", Format, n.text), "")
		return false
	}
	for _, up := range upgrades[format-1:] {
		up(root)
	}
	n.text = strconv.Itoa(Format)
	return true
}
