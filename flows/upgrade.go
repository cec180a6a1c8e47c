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
	switch {
	case n.shape != isNumber || err != nil:
		p.at(n.at, CodeFormat, "/format", "needs a whole number, not "+n.describe(), fmt.Sprintf(`write "format": %d`, Format))
		return false
	case format < 1 || format > Format:
		p.at(n.at, CodeFormat, "/format", fmt.Sprintf("this program reads format %s, not %d", formats(), format), "")
		return false
	}
	for _, up := range upgrades[format-1:] {
		up(root)
	}
	n.text = strconv.Itoa(Format)
	return true
}

// formats are those that can be read, in words.
func formats() string {
	if Format == 1 {
		return "1"
	}
	return fmt.Sprintf("1 to %d", Format)
}
