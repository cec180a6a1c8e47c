package flows

import (
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
)

// Fold is the form in which names and keywords are compared: NFKC, lower case,
// inner spaces as one.
func Fold(s string) string { return blocks.Fold(s) }

// FoldLoose is Fold without accents and with đ as d: the second pass over
// keywords.
func FoldLoose(s string) string { return blocks.FoldLoose(s) }

// Nearest returns up to three of the names that are most like name, the
// closest first.
func Nearest(name string, names []string) []string { return blocks.Nearest(name, names) }

// Duration reads "90s", "30m", "2h", "3d", "1w" and sums of them.
func Duration(s string) (time.Duration, error) { return expression.ParseDuration(s) }
